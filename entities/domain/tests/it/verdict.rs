//! The fusion of opinions: what may and may not come of one voice more.

use aggregator_domain::{Opinion, Stance, Verdict, VerdictReason};
use proptest::prelude::*;

fn line(stance: Stance, confidence: u8, caps: bool) -> VerdictReason {
    VerdictReason {
        source: "somebody".to_owned(),
        opinion: Opinion { stance, confidence },
        text: String::new(),
        caps,
        failed: None,
    }
}

fn fused(lines: &[(Stance, u8)], capped: bool) -> (Stance, u8) {
    let mut reasons: Vec<_> =
        lines.iter().map(|(stance, confidence)| line(*stance, *confidence, false)).collect();
    reasons.extend(capped.then(|| line(Stance::Unknown, 0, true)));
    let verdict = Verdict::fuse(reasons);
    (verdict.stance, verdict.confidence)
}

#[test]
fn voices_that_agree_are_surer_together_and_certain_only_where_one_is() {
    use Stance::{Benign, Malicious, Suspicious};
    for (lines, expected) in [
        (&[(Malicious, 80), (Malicious, 60)][..], (Malicious, 92)),
        (&[(Malicious, 33), (Malicious, 33)], (Malicious, 55)),
        (&[(Malicious, 90), (Malicious, 90), (Malicious, 90)], (Malicious, 99)),
        (&[(Malicious, 99); 40], (Malicious, 99)),
        (&[(Malicious, 1); 3], (Malicious, 3)),
        (&[(Malicious, 100), (Malicious, 10)], (Malicious, 100)),
        (&[(Malicious, 60), (Suspicious, 100), (Benign, 100)], (Malicious, 60)),
        (&[(Benign, 50), (Benign, 50)], (Benign, 75)),
        (&[(Malicious, 0)], (Malicious, 0)),
    ] {
        assert_eq!(fused(lines, false), expected, "{lines:?}");
    }
}

#[test]
fn a_cap_takes_malicious_back_and_leaves_what_is_suspicious() {
    use Stance::{Benign, Malicious, Suspicious};
    for (lines, expected) in [
        (&[(Malicious, 90)][..], (Suspicious, 50)),
        (&[(Malicious, 100), (Malicious, 90)], (Suspicious, 50)),
        (&[(Malicious, 30)], (Suspicious, 30)),
        (&[(Suspicious, 90)], (Suspicious, 90)),
        (&[(Suspicious, 90), (Malicious, 90)], (Suspicious, 90)),
        (&[(Suspicious, 20), (Malicious, 40)], (Suspicious, 40)),
        (&[(Benign, 90)], (Benign, 90)),
    ] {
        assert_eq!(fused(lines, true), expected, "{lines:?}");
    }
}

fn any_line() -> impl Strategy<Value = (Stance, u8)> {
    (proptest::sample::select(Stance::ALL.to_vec()), 0..=100_u8)
}

fn adverse() -> impl Strategy<Value = (Stance, u8)> {
    (proptest::sample::select(vec![Stance::Suspicious, Stance::Malicious]), 0..=100_u8)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn another_adverse_voice_never_lowers(
        lines in proptest::collection::vec(any_line(), 0..8), another in adverse(), capped in any::<bool>()
    ) {
        let before = fused(&lines, capped);
        let after = fused(&[&lines[..], &[another]].concat(), capped);
        // Stance first, then confidence: a higher stance may be less sure.
        prop_assert!(after >= before, "{:?} and {:?}: {:?} became {:?}", lines, another, before, after);
    }

    #[test]
    fn nobody_is_surer_than_certain_nor_certain_without_a_voice(
        lines in proptest::collection::vec(any_line(), 0..40), capped in any::<bool>()
    ) {
        let (stance, confidence) = fused(&lines, capped);
        let certain = lines.contains(&(stance, 100));
        prop_assert_eq!(confidence == 100, certain && stance != Stance::Unknown);
    }
}
