//! Every list of the shared data a deployment would import: shipped definitions and the files they read.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// Shipped intel feeds and their files of the data folder.
const INTEL: [(&str, &str); 22] = [
    ("c2-intel-ips", "feeds/csv/c2-ips-30day.csv"),
    ("cisa-kev", "feeds/kev/known_exploited_vulnerabilities.json"),
    ("cisa-kev-csv", "feeds/kev/known_exploited_vulnerabilities.csv"),
    ("ipsum", "feeds/ip-list-scored/ipsum.txt"),
    ("ipsum-level-3", "feeds/ip-list-plain/ipsum-level3.txt"),
    ("malwarebazaar-md5", "feeds/hash-list/md5.txt"),
    ("maltrail-asyncrat", "feeds/maltrail/malware_asyncrat.txt"),
    ("maltrail-dynamic-domain", "feeds/maltrail/suspicious_dynamic_domain.txt"),
    ("maltrail-mass-scanner", "feeds/maltrail/mass_scanner.txt"),
    ("maltrail-sidewinder", "feeds/maltrail/malware_apt_sidewinder.txt"),
    ("maltrail-socgholish", "feeds/maltrail/malicious_socgholish.txt"),
    ("spamhaus-asn-drop", "feeds/ndjson/spamhaus-asn_drop.ndjson.txt"),
    ("spamhaus-drop", "feeds/cidr-list/spamhaus-drop_2024-02-25.txt"),
    ("spamhaus-drop-v6", "feeds/cidr-list/spamhaus-drop_ipv6.txt"),
    ("spamhaus-edrop", "feeds/cidr-list/spamhaus-edrop.txt"),
    ("stalkerware-domains", "feeds/csv/stalkerware-network.csv"),
    ("stalkerware-quad9", "feeds/domain-list/stalkerware-quad9_blocklist.txt"),
    ("stalkerware-samples", "feeds/csv/stalkerware-samples.csv"),
    ("stalkerware-tinycheck", "feeds/json/stalkerware-indicators-for-tinycheck.json"),
    ("threatfox-domains", "feeds/csv/threatfox-derived-domains.csv"),
    ("zeek-threatfox-addresses", "feeds/zeek-intel/abuse-ch-threatfox-ip.intel.txt"),
    ("zeek-tor-exits", "feeds/zeek-intel/tor-exit.intel.txt"),
];

/// Slug of a shipped definition and the file it reads.
pub type List = (String, PathBuf);

/// The shipped feeds and warninglists whose files the data folder has.
pub fn shipped(data: &Path) -> anyhow::Result<Vec<List>> {
    let mut lists: Vec<List> =
        INTEL.iter().map(|(slug, file)| ((*slug).to_owned(), data.join(file))).collect();
    let folder = data.join("enrichment-data/warninglists");
    for file in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = file?.path();
        let Some(name) = path.file_stem().and_then(|name| name.to_str()) else { continue };
        lists.push((format!("warninglist-{}", name.replace(['_', '.'], "-")), path));
    }
    lists.retain(|(_, file)| file.exists());
    lists.sort();
    Ok(lists)
}

/// Databases about addresses: ranges, cities and networks.
const ADDRESSES: [&str; 3] = [
    "enrichment-data/ip2asn/ip2asn-combined-sample.tsv",
    "enrichment-data/maxmind/test-data/GeoLite2-City-Test.mmdb",
    "enrichment-data/ipinfo/IPinfo_Lite/ipinfo_lite_sample.mmdb",
];

/// The address databases the data folder has.
pub fn addresses(data: &Path) -> Vec<PathBuf> {
    ADDRESSES.iter().map(|file| data.join(file)).filter(|file| file.exists()).collect()
}
