//! Who may be asked.

use std::net::IpAddr;

use aggregator_egress::policy::{check_address, check_redirect, check_url, is_public};
use aggregator_egress::{AllowedNetwork, EgressConfig, OwnService, Refusal};
use url::Url;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

#[test]
fn addresses_that_are_not_public() {
    for address in [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ] {
        assert!(!is_public(address.parse().unwrap()), "{address}");
    }
    for address in [
        "1.1.1.1",
        "100.63.255.255",
        "172.32.0.1",
        "192.0.1.1",
        "198.20.0.1",
        "2606:4700::1111",
        "2001:4860:4860::8888",
        "64:ff9b::101:101",
    ] {
        assert!(is_public(address.parse().unwrap()), "{address}");
    }
}

#[test]
fn written_forms_of_loopback_are_seen_through() {
    let config = EgressConfig::default();
    for text in [
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://0/",
        "http://127.0.0.1./",
        "http://１２７.0.0.1/",
    ] {
        assert!(matches!(check_url(&config, &url(text)), Err(Refusal::NotPublic { .. })), "{text}");
    }
    assert!(matches!(check_url(&config, &url("file:///etc/passwd")), Err(Refusal::Scheme(_))));
    assert!(matches!(check_url(&config, &url("gopher://example.com/")), Err(Refusal::Scheme(_))));
    assert_eq!(check_url(&config, &url("https://user:secret@example.com/")), Err(Refusal::Credentials));
    assert_eq!(check_url(&config, &url("https://example.com/")), Ok(("example.com".to_owned(), 443)));
}

#[test]
fn an_allowance_is_for_its_ports_and_never_for_metadata() {
    let allow = |network: &str, ports: &[u16]| AllowedNetwork {
        network: network.parse().unwrap(),
        ports: ports.to_vec(),
    };
    let config = EgressConfig {
        allow_networks: vec![
            allow("10.20.0.0/16", &[443]),
            allow("169.254.0.0/16", &[]),
            allow("fd00::/8", &[]),
        ],
        own_services: vec![OwnService { host: "10.20.9.1".to_owned(), port: 443 }],
        ..EgressConfig::default()
    };
    let may = |address: &str, port| {
        check_address(&config, "host", address.parse::<IpAddr>().unwrap(), port).is_ok()
    };
    assert!(may("10.20.1.1", 443));
    assert!(may("::ffff:10.20.1.1", 443), "a mapped address is the address");
    assert!(!may("10.20.1.1", 80), "another port");
    assert!(!may("10.21.1.1", 443), "another network");
    assert!(!may("10.20.9.1", 443), "a service of the platform itself");
    assert!(may("10.20.9.2", 443));
    assert!(may("169.254.1.1", 80));
    assert!(!may("169.254.169.254", 80), "metadata is never asked");
    assert!(!may("fd00:ec2::254", 80), "metadata is never asked");
    assert!(may("fd00::1", 80));
}

#[test]
fn what_hides_an_address_is_judged_by_it() {
    let everything = |network: &str| AllowedNetwork { network: network.parse().unwrap(), ports: Vec::new() };
    let config = EgressConfig {
        allow_networks: vec![everything("::/0"), everything("0.0.0.0/0")],
        own_services: vec![OwnService { host: "10.20.9.1".to_owned(), port: 80 }],
        ..EgressConfig::default()
    };
    for (address, may) in [
        ("168.63.129.16", false),
        ("10.20.9.1", false),
        ("10.20.8.1", true),
        ("::ffff:10.20.9.1", false),
        ("::10.20.9.1", false),
        ("::10.20.8.1", true),
        ("::ffff:0:10.20.9.1", false),
        ("64:ff9b::10.20.9.1", false),
        ("64:ff9b:1::10.20.9.1", false),
        ("64:ff9b:1:a14:9:100::", false),
        ("2002:a14:901::1", false),
        ("2001:0:a14:901::1", false),
        ("2001:0:808:808::f5eb:f6fe", false),
        ("fe80::5efe:10.20.9.1", false),
        ("fd00::200:5efe:169.254.169.254", false),
        ("64:ff9b::168.63.129.16", false),
        ("fd00::1", true),
    ] {
        let checked = check_address(&config, "host", address.parse::<IpAddr>().unwrap(), 80);
        assert_eq!(checked.is_ok(), may, "{address}");
    }
    assert!(!is_public("2fff::5efe:10.0.0.1".parse().unwrap()));
    assert!(is_public("2fff::5efe:1.1.1.1".parse().unwrap()));
    assert!(!is_public("64:ff9b::168.63.129.16".parse().unwrap()));
}

#[test]
fn denied_hosts_cover_the_names_below() {
    let config = EgressConfig { deny_hosts: vec![".internal.example".to_owned()], ..EgressConfig::default() };
    for host in ["internal.example", "a.b.Internal.example", "internal.example."] {
        let asked = check_url(&config, &url(&format!("https://{host}/")));
        assert!(matches!(asked, Err(Refusal::DeniedHost(_))), "{host}");
    }
    assert!(check_url(&config, &url("https://notinternal.example/")).is_ok());
}

#[test]
fn a_redirect_never_leaves_https() {
    assert_eq!(
        check_redirect(&url("https://a.example/"), &url("http://a.example/")),
        Err(Refusal::Downgrade)
    );
    assert_eq!(check_redirect(&url("http://a.example/"), &url("https://a.example/")), Ok(()));
    assert_eq!(check_redirect(&url("http://a.example/"), &url("http://b.example/")), Ok(()));
}

#[test]
fn what_listens_on_this_machine_is_own_at_each_of_its_addresses() {
    let everything =
        |network: &str| AllowedNetwork { network: network.parse().unwrap(), ports: vec![7777, 7778] };
    for host in ["127.0.0.1", "0.0.0.0", "::", "::1"] {
        let config = EgressConfig {
            allow_networks: vec![everything("::/0"), everything("0.0.0.0/0")],
            own_services: vec![OwnService { host: host.to_owned(), port: 7777 }],
            ..EgressConfig::default()
        };
        for address in
            ["127.0.0.1", "127.9.9.9", "::1", "0.0.0.0", "::", "::ffff:127.0.0.1", "64:ff9b::7f00:1"]
        {
            let check = |port| check_address(&config, "host", address.parse().unwrap(), port);
            assert_eq!(
                check(7777),
                Err(Refusal::Own { host: "host".to_owned(), port: 7777 }),
                "{host} {address}"
            );
            assert_eq!(check(7778), Ok(()), "{host} {address}");
        }
        // A neighbour at the same port is somebody else.
        assert_eq!(check_address(&config, "host", "192.0.2.1".parse().unwrap(), 7777), Ok(()), "{host}");
    }
}

#[test]
fn a_service_of_ones_own_is_known_by_its_name_behind_a_proxy_too() {
    let config = EgressConfig {
        own_services: vec![OwnService { host: "DB.internal.example".to_owned(), port: 8432 }],
        proxy: Some(url("http://proxy.example:3128/")),
        ..EgressConfig::default()
    };
    let asked = check_url(&config, &url("http://db.internal.example.:8432/"));
    assert_eq!(asked, Err(Refusal::Own { host: "db.internal.example".to_owned(), port: 8432 }));
    assert!(check_url(&config, &url("http://db.internal.example/")).is_ok());
}
