//! The feeds that ship with the product: definitions as data, one file each in `presets/`.

use crate::definition::{DefinitionError, FeedDefinition};

/// One shipped definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset {
    /// The feed's slug, which is also its file's name.
    pub slug: &'static str,
    /// The definition as TOML.
    pub toml: &'static str,
}

impl Preset {
    /// The shipped definition of this slug.
    pub fn find(slug: &str) -> Option<Self> {
        PRESETS.iter().copied().find(|preset| preset.slug == slug)
    }

    /// Reads the definition.
    pub fn definition(self) -> Result<FeedDefinition, DefinitionError> {
        FeedDefinition::from_toml(self.toml)
    }
}

macro_rules! preset {
    ($slug:literal) => {
        Preset { slug: $slug, toml: include_str!(concat!("../presets/", $slug, ".toml")) }
    };
}

/// Every shipped definition, by slug.
pub fn presets() -> &'static [Preset] {
    PRESETS
}

#[rustfmt::skip]
const PRESETS: &[Preset] = &[
    preset!("c2-intel-ips"),
    preset!("cisa-kev"),
    preset!("cisa-kev-csv"),
    preset!("epss"),
    preset!("ipsum"),
    preset!("ipsum-level-3"),
    preset!("maltrail-asyncrat"),
    preset!("maltrail-dynamic-domain"),
    preset!("maltrail-mass-scanner"),
    preset!("maltrail-sidewinder"),
    preset!("maltrail-socgholish"),
    preset!("malwarebazaar-md5"),
    preset!("spamhaus-asn-drop"),
    preset!("spamhaus-drop"),
    preset!("spamhaus-drop-v6"),
    preset!("spamhaus-edrop"),
    preset!("stalkerware-domains"),
    preset!("stalkerware-quad9"),
    preset!("stalkerware-samples"),
    preset!("stalkerware-tinycheck"),
    preset!("threatfox"),
    preset!("threatfox-domains"),
    preset!("urlhaus"),
    preset!("warninglist-akamai"),
    preset!("warninglist-amazon-aws"),
    preset!("warninglist-automated-malware-analysis"),
    preset!("warninglist-bank-website"),
    preset!("warninglist-captive-portals"),
    preset!("warninglist-censys-scanning"),
    preset!("warninglist-cisco-top10k"),
    preset!("warninglist-cloudflare"),
    preset!("warninglist-common-ioc-false-positive"),
    preset!("warninglist-crl-hostname"),
    preset!("warninglist-crl-ip"),
    preset!("warninglist-disposable-email"),
    preset!("warninglist-dynamic-dns"),
    preset!("warninglist-eicar-com"),
    preset!("warninglist-empty-hashes"),
    preset!("warninglist-fastly"),
    preset!("warninglist-github"),
    preset!("warninglist-google"),
    preset!("warninglist-google-gcp"),
    preset!("warninglist-googlebot"),
    preset!("warninglist-icloud-private-relay"),
    preset!("warninglist-ipv6-linklocal"),
    preset!("warninglist-link-in-bio"),
    preset!("warninglist-majestic-million"),
    preset!("warninglist-microsoft-azure"),
    preset!("warninglist-microsoft-office365"),
    preset!("warninglist-microsoft-office365-ip"),
    preset!("warninglist-modat-scanner"),
    preset!("warninglist-multicast"),
    preset!("warninglist-openai-gptbot"),
    preset!("warninglist-parking-domain"),
    preset!("warninglist-parking-domain-ns"),
    preset!("warninglist-public-dns-v4"),
    preset!("warninglist-public-dns-v6"),
    preset!("warninglist-rfc1918"),
    preset!("warninglist-rfc3849"),
    preset!("warninglist-rfc5735"),
    preset!("warninglist-rfc6598"),
    preset!("warninglist-rfc6761"),
    preset!("warninglist-second-level-tlds"),
    preset!("warninglist-security-provider-blogpost"),
    preset!("warninglist-shadowserver"),
    preset!("warninglist-shodan-scanning"),
    preset!("warninglist-sinkholes"),
    preset!("warninglist-smtp-receiving-ips"),
    preset!("warninglist-smtp-sending-ips"),
    preset!("warninglist-tlds"),
    preset!("warninglist-tranco10k"),
    preset!("warninglist-university-domains"),
    preset!("warninglist-url-shortener"),
    preset!("warninglist-vpn-ipv4"),
    preset!("warninglist-vpn-ipv6"),
    preset!("warninglist-whats-my-ip"),
    preset!("warninglist-zscaler"),
    preset!("zeek-threatfox-addresses"),
    preset!("zeek-tor-exits"),
];
