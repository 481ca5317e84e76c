//! B5 of performance.md: load time, memory and time of one look-up with 5 M synthetic entries and, where the data
//! folder is there, every shipped list.
//!
//! `cargo run --release -p aggregator-sources --example matcher_speed`
//!
//! The artifacts are built first, in this process; a fresh process opens, loads and asks, so that its memory is that of
//! a worker and not of the building.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::error::Error;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use aggregator_domain::{CustomKinds, Indicator, Kind, Opinion, Stance};
use aggregator_sources::KindSet;
use aggregator_sources::feeds::refresh::{BuildTarget, FeedBody, build_generation};
use aggregator_sources::feeds::{Facts, FeedEntry, Pattern, presets};
use aggregator_sources::generation::{Generation, GenerationBuilder};
use aggregator_sources::matcher::Matcher;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Synthetic entries.
const ENTRIES: u64 = 5_000_000;
/// Feeds they are spread over.
const FEEDS: u64 = 8;
/// Look-ups timed.
const QUERIES: u64 = 1_000_000;

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    if let (Some("measure"), Some(folder)) = (arguments.next().as_deref(), arguments.next()) {
        return measure(Path::new(&folder));
    }
    let folder = tempfile::tempdir()?;
    let started = Instant::now();
    let entries = build_synthetic(folder.path())? + build_shipped(folder.path())?;
    println!("built: {entries} entries in {:.1} s, {}", seconds(started), memory()?);
    let measured =
        std::process::Command::new(std::env::current_exe()?).arg("measure").arg(folder.path()).status()?;
    if measured.success() { Ok(()) } else { Err("measuring failed".into()) }
}

fn seconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64()
}

/// A number that looks random and is the same for the same input (splitmix64).
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[expect(clippy::cast_possible_truncation, reason = "the low bits are what is wanted")]
fn bits32(number: u64) -> u32 {
    mix(number) as u32
}

fn domain(number: u64) -> String {
    const TOPS: [&str; 5] = ["com", "net", "org", "co.uk", "ru"];
    let top = TOPS[usize::from(number % 5 == 3) * 3 + usize::from(number % 7 == 1)];
    format!("{:x}.{top}", mix(number) >> 20)
}

fn sha256(number: u64) -> String {
    (0..4).fold(String::with_capacity(64), |mut text, part| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{:016x}", mix(number ^ (part << 60)));
        text
    })
}

fn address_v6(number: u64) -> Ipv6Addr {
    let high = 0x2000_0000_0000_0000 | (mix(number) >> 3);
    Ipv6Addr::from_bits(u128::from(high) << 64 | u128::from(mix(number ^ 1)))
}

/// The synthetic entry of a number: 30 % SHA-256, 15 % addresses, 15 % domains, 20 % suffixes, 12 % IPv4 and 3 % IPv6
/// networks, 5 % URL prefixes.
fn pattern(number: u64) -> Pattern {
    let exact = |kind, value: String| Pattern::Exact(Indicator::from_canonical(kind, value));
    match number % 100 {
        0..30 => exact(Kind::Sha256, sha256(number)),
        30..45 => exact(Kind::Ipv4, Ipv4Addr::from_bits(bits32(number)).to_string()),
        45..60 => exact(Kind::Domain, domain(number)),
        60..80 => Pattern::Suffix(domain(number).into()),
        80..92 => {
            let prefix = 20 + u8::try_from(number / 100 % 11).unwrap_or(0);
            Ipv4Net::new(Ipv4Addr::from_bits(bits32(number)), prefix).map_or_else(
                |_| exact(Kind::Sha256, sha256(number)),
                |net| Pattern::Network(IpNet::V4(net.trunc())),
            )
        }
        92..95 => Ipv6Net::new(address_v6(number), 48).map_or_else(
            |_| exact(Kind::Sha256, sha256(number)),
            |net| Pattern::Network(IpNet::V6(net.trunc())),
        ),
        _ => Pattern::UrlPrefix(format!("http://{}/{:x}", domain(number), bits32(number)).into()),
    }
}

fn build_synthetic(folder: &Path) -> Outcome<u64> {
    let mut entries = 0;
    for feed in 0..FEEDS {
        let mut builder = GenerationBuilder::new();
        for number in (feed..ENTRIES).step_by(usize::try_from(FEEDS)?) {
            let opinion = Opinion { stance: Stance::Malicious, confidence: 70 };
            builder.push(&FeedEntry { pattern: pattern(number), opinion, facts: Facts::default() })?;
        }
        entries += u64::from(builder.finish_file(KindSet::ALL, folder)?.0.entries);
    }
    Ok(entries)
}

/// The shipped warninglists and `IPsum`, where the data is.
fn build_shipped(folder: &Path) -> Outcome<u64> {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let mut entries = 0;
    for shipped in presets() {
        let definition = shipped.definition()?;
        let list = definition.location.rsplit('/').nth(1).unwrap_or_default();
        let file = match shipped.slug {
            "ipsum" => data.join("feeds/ip-list-scored/ipsum.txt"),
            _ => data.join(format!("enrichment-data/warninglists/{list}.json")),
        };
        if !file.exists() {
            continue;
        }
        let target =
            BuildTarget { folder, live_entries: None, max_bytes: 1 << 30, kinds: &CustomKinds::default() };
        entries += u64::from(build_generation(&definition, &FeedBody::local(file), target)?.built.entries);
    }
    if entries == 0 {
        println!("SKIPPED the shipped lists: no data at {}", data.display());
    }
    Ok(entries)
}

/// The indicators asked, one in ten of them listed.
fn queries() -> Vec<Indicator> {
    (0..QUERIES)
        .map(|query| {
            let listed = mix(query).is_multiple_of(10);
            let number = if listed { mix(query ^ 0xabcd) % ENTRIES } else { ENTRIES + query };
            asked(query, number, listed)
        })
        .collect()
}

fn asked(query: u64, number: u64, listed: bool) -> Indicator {
    let indicator = Indicator::from_canonical;
    if listed {
        return match pattern(number) {
            Pattern::Exact(indicator) => indicator,
            Pattern::Suffix(domain) => indicator(Kind::Domain, format!("www.{domain}")),
            Pattern::Network(IpNet::V4(net)) => indicator(Kind::Ipv4, net.broadcast().to_string()),
            Pattern::Network(IpNet::V6(net)) => indicator(Kind::Ipv6, net.broadcast().to_string()),
            Pattern::UrlPrefix(url) => indicator(Kind::Url, format!("{url}/payload.exe?x=1")),
            Pattern::Substring { text, .. } | Pattern::Regex(text) => indicator(Kind::Url, text.into()),
        };
    }
    match query % 20 {
        0..6 => indicator(Kind::Domain, format!("www.{}", domain(number))),
        6..11 => indicator(Kind::Ipv4, Ipv4Addr::from_bits(bits32(number)).to_string()),
        11 => indicator(Kind::Ipv6, address_v6(number).to_string()),
        12..15 => indicator(Kind::Url, format!("http://{}/{:x}/index.html", domain(number), bits32(number))),
        15 => indicator(Kind::Email, format!("someone@{}", domain(number))),
        _ => indicator(Kind::Sha256, sha256(number)),
    }
}

fn measure(folder: &Path) -> Outcome<()> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|file| Ok(file?.path())).collect::<Outcome<_>>()?;
    files.sort();
    println!("start: {}", memory()?);
    let (started, cpu) = (Instant::now(), cpu_nanoseconds()?);
    let generations =
        files.iter().map(|file| Ok(Arc::new(Generation::open(file)?))).collect::<Outcome<Vec<_>>>()?;
    let opened = seconds(started);
    let matcher = Matcher::new(generations)?;
    println!(
        "load: {:.2} s (open and check {opened:.2} s; {} ms of CPU) for {} entries in {} feeds, {}",
        seconds(started),
        (cpu_nanoseconds()? - cpu) / 1_000_000,
        matcher.entries(),
        files.len(),
        memory()?
    );
    let queries: Vec<_> = queries().into_iter().map(|one| (one.id(), one)).collect();
    for round in 1..=3 {
        let (started, cpu) = (Instant::now(), cpu_nanoseconds()?);
        let (mut hits, mut listed) = (0, 0);
        for (id, indicator) in &queries {
            let found = matcher.match_indicator(indicator.kind(), indicator.value(), *id).len();
            hits += found;
            listed += usize::from(found > 0);
        }
        let nanoseconds = started.elapsed().as_nanos() / u128::from(QUERIES);
        let cpu = (cpu_nanoseconds()? - cpu) / QUERIES;
        println!(
            "round {round}: {nanoseconds} ns a look-up ({cpu} ns of CPU), {listed} of {QUERIES} listed, {hits} hits"
        );
    }
    by_kind(&matcher, &queries)?;
    println!("end (with the queries): {}", memory()?);
    Ok(())
}

fn by_kind(matcher: &Matcher, queries: &[(aggregator_domain::IndicatorId, Indicator)]) -> Outcome<()> {
    for kind in [Kind::Sha256, Kind::Ipv4, Kind::Ipv6, Kind::Domain, Kind::Url, Kind::Email] {
        let of_kind: Vec<_> = queries.iter().filter(|(_, one)| one.kind() == kind).collect();
        let cpu = cpu_nanoseconds()?;
        let hits: usize =
            of_kind.iter().map(|(id, one)| matcher.match_indicator(kind, one.value(), *id).len()).sum();
        let nanoseconds = (cpu_nanoseconds()? - cpu) / (of_kind.len().max(1) as u64);
        println!("  {kind}: {nanoseconds} ns of CPU, {} asked, {hits} hits", of_kind.len());
    }
    Ok(())
}

/// Time this thread has spent on a processor: what is left of a busy machine.
fn cpu_nanoseconds() -> Outcome<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(text.split_whitespace().next().ok_or("schedstat is empty")?.parse()?)
}

/// Anonymous and file memory of this process, from the kernel.
fn memory() -> Outcome<String> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let of = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() / 1024
    };
    Ok(format!("anonymous {} MB, mapped {} MB", of("RssAnon:"), of("RssFile:")))
}
