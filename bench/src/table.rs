//! Rows of Markdown.

/// A table out of its head and rows; figures are aligned right.
pub(crate) fn table<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let head = line(head.map(str::to_owned).to_vec());
    let rows: String = rows.into_iter().map(|row| line(row.to_vec())).collect();
    format!("{head}|--|{}\n{rows}", "--:|".repeat(N - 1))
}

/// The value below which this share of them lies, milliseconds.
pub(crate) fn percentile(sorted: &[f64], share: f64) -> f64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a few thousand values"
    )]
    let at = ((sorted.len() as f64 * share).ceil() as usize).saturating_sub(1);
    sorted.get(at).copied().unwrap_or(f64::NAN)
}
