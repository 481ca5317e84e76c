//! Names, numbers and hashes, and what only looks like one.

use super::Vector;

pub(super) const FILES: &[Vector] = &[
    (
        "file names with extensions that are suffixes",
        "invoice.zip main.rs setup.sh run.py README.md libc.so movie.mov a.cab",
        &[],
    ),
    (
        "file names with extensions that are none",
        "report.docx a.exe evil.dll page.html shell.php archive.tar.gz",
        &[],
    ),
    ("with a port it is a host", "invoice.zip:443", &[("invoice.zip:443", "domain invoice.zip")]),
    (
        "with a path it is a host",
        "invoice.zip/login",
        &[("invoice.zip/login", "url http://invoice.zip/login")],
    ),
    ("with www it is a host", "www.setup.sh", &[("www.setup.sh", "domain www.setup.sh")]),
    (
        "a bundle and a host under app",
        "Player.app evil.web.app evil.app",
        &[("evil.web.app", "domain evil.web.app"), ("evil.app", "domain evil.app")],
    ),
    ("a Windows path", r"C:\Users\Public\evil.com and %TEMP%\a.info", &[]),
    ("a Unix path", "/usr/lib/evil.com ./evil.me", &[]),
    ("a request line", "GET /a/b.php?l=x1.cab HTTP/1.1", &[]),
    ("a UNC path names a host", r"\\evil.com\share\x.com", &[("evil.com", "domain evil.com")]),
    (
        "a protocol-relative address",
        "src=//cdn.evil.com/x.js",
        &[("cdn.evil.com/x.js", "url http://cdn.evil.com/x.js")],
    ),
    ("a detection name", "Win32/Filecoder.AE Trojan.Emotet.IT MSIL/Agent.TD", &[]),
    (
        "capitals all over are a host",
        "WWW.EVIL.COM EVIL.IT",
        &[("WWW.EVIL.COM", "domain www.evil.com"), ("EVIL.IT", "domain evil.it")],
    ),
    (
        "a package name",
        "com.evil.app is org.evil.dev, com.evil.ru is not",
        &[("com.evil.ru", "domain com.evil.ru")],
    ),
    ("a missing space", "It is done.It was late.No more.", &[]),
    (
        "a member of an object",
        "this.name window.open app.evil.com",
        &[("app.evil.com", "domain app.evil.com")],
    ),
    ("a call", "document.open(x); client.run(y)", &[]),
    (
        "a host with its address in brackets",
        "evil.com(192.0.2.1)",
        &[("evil.com", "domain evil.com"), ("192.0.2.1", "ipv4 192.0.2.1")],
    ),
    ("a product", "ASP.NET, System.Net and Socket.IO", &[]),
    ("abbreviations", "e.g. this, i.e. that, U.S. and a.m.", &[]),
    (
        "names in italics",
        "_evil.com_ *evil.com* www._example_.com",
        &[("evil.com", "domain evil.com"), ("evil.com", "domain evil.com")],
    ),
    (
        "underscores inside",
        "_dmarc.evil.com tom_chop.me",
        &[("_dmarc.evil.com", "domain _dmarc.evil.com"), ("tom_chop.me", "domain tom_chop.me")],
    ),
    ("a wildcard", "*.evil.com", &[("evil.com", "domain evil.com")]),
    (
        "countries without a suffix of their own, and roots that hide",
        "`denel.co.za`, cnc.bit, x.onion; two letters alone are no suffix: a.za",
        &[
            ("denel.co.za", "domain denel.co.za"),
            ("cnc.bit", "domain cnc.bit"),
            ("x.onion", "domain x.onion"),
        ],
    ),
    (
        "an international name",
        "test-\u{105}\u{107}.pl",
        &[("test-\u{105}\u{107}.pl", "domain xn--test--7wao.pl")],
    ),
    (
        "a name in a script without spaces",
        "\u{8bbf}\u{95ee}evil.com\u{4e0b}\u{8f7d}",
        &[("evil.com", "domain evil.com")],
    ),
    (
        "a comma and a quote behind",
        "\"evil.com\", 'evil.org';",
        &[("evil.com", "domain evil.com"), ("evil.org", "domain evil.org")],
    ),
];

pub(super) const NUMBERS: &[Vector] = &[
    ("an address", "192.0.2.1", &[("192.0.2.1", "ipv4 192.0.2.1")]),
    ("with a port", "192.0.2.1:8080", &[("192.0.2.1:8080", "ipv4 192.0.2.1")]),
    ("a full stop behind", "It was 192.0.2.1.", &[("192.0.2.1", "ipv4 192.0.2.1")]),
    ("in square brackets", "from host ([192.0.2.1])", &[("192.0.2.1", "ipv4 192.0.2.1")]),
    (
        "a network",
        "192.0.2.0/24, 192.0.2.77/24",
        &[("192.0.2.0/24", "cidr 192.0.2.0/24"), ("192.0.2.77/24", "cidr 192.0.2.0/24")],
    ),
    ("a path behind an address", "192.0.2.1/a.php", &[("192.0.2.1/a.php", "url http://192.0.2.1/a.php")]),
    (
        "a range is two addresses",
        "192.0.2.1-192.0.2.9",
        &[("192.0.2.1", "ipv4 192.0.2.1"), ("192.0.2.9", "ipv4 192.0.2.9")],
    ),
    ("versions", "v1.2.3.4 version 1.2.3.4, Version: 1.2.3.4 ver. 1.2.3.4 build 1.2.3.4", &[]),
    ("a product's version", "Chrome/91.0.4.124 nginx/1.2.3.4", &[]),
    ("five numbers", "1.2.3.4.5 1.3.6.1.4.1.311", &[]),
    ("too large, or padded", "256.1.1.1 192.00.1.1 777.777.777.777", &[]),
    ("letters attached", "1.2.3.4-beta 1.2.3.4a x1.2.3.4", &[]),
    ("a defanged version is an address", "version 1[.]2[.]3[.]4", &[("1[.]2[.]3[.]4", "ipv4 1.2.3.4")]),
    (
        "IPv6",
        "2001:db8::1, fe80::1%eth0 and ::1",
        &[("2001:db8::1", "ipv6 2001:db8::1"), ("fe80::1", "ipv6 fe80::1"), ("::1", "ipv6 ::1")],
    ),
    ("IPv6 with a port", "[2001:db8::1]:443", &[("[2001:db8::1]:443", "ipv6 2001:db8::1")]),
    ("an IPv6 network", "2001:db8::/32", &[("2001:db8::/32", "cidr 2001:db8::/32")]),
    ("IPv4-mapped", "::ffff:192.0.2.1", &[("::ffff:192.0.2.1", "ipv4 192.0.2.1")]),
    ("a time, a MAC address and a path in a program", "12:34:56 00:1B:44:11:3A:B7 std::fs dead::beef", &[]),
    (
        "an AS number",
        "AS15169 (AS 15169), ASN64496",
        &[("AS15169", "asn AS15169"), ("ASN64496", "asn AS64496")],
    ),
    ("not an AS number", "AS400 AS2 as15169 BIAS15169 AS123456789012", &[]),
    (
        "a CVE number",
        "CVE-2021-44228, cve-2021-44228 exploit_CVE-2021-44228.py",
        &[
            ("CVE-2021-44228", "cve CVE-2021-44228"),
            ("cve-2021-44228", "cve CVE-2021-44228"),
            ("CVE-2021-44228", "cve CVE-2021-44228"),
        ],
    ),
    ("a text that ends where the number would begin", "2021_CVE", &[]),
    ("and one that ends behind the year", "2021 CVE-2021-", &[]),
    ("not a CVE number", "CVE-2021-442 CVE-21-44228 CVE-2021-44228abc", &[]),
];

pub(super) const HASHES: &[Vector] = &[
    (
        "in a sentence",
        "MD5 (d41d8cd98f00b204e9800998ecf8427e), seen",
        &[("d41d8cd98f00b204e9800998ecf8427e", "md5 d41d8cd98f00b204e9800998ecf8427e")],
    ),
    (
        "in capitals",
        "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709",
        &[("DA39A3EE5E6B4B0D3255BFEF95601890AFD80709", "sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709")],
    ),
    (
        "never out of a longer run",
        "44D88612FEA8A8F36DE82E1278ABB02FA 0x19539a179ddf8a02b772557d5036bdd0ac0b0fa7",
        &[],
    ),
    ("never out of a word", "xd41d8cd98f00b204e9800998ecf8427e d41d8cd98f00b204e9800998ecf8427ez", &[]),
    (
        "a file named by its hash",
        "d41d8cd98f00b204e9800998ecf8427e.exe",
        &[("d41d8cd98f00b204e9800998ecf8427e", "md5 d41d8cd98f00b204e9800998ecf8427e")],
    ),
    (
        "two joined by a hyphen",
        "d41d8cd98f00b204e9800998ecf8427e-d41d8cd98f00b204e9800998ecf8427f",
        &[
            ("d41d8cd98f00b204e9800998ecf8427e", "md5 d41d8cd98f00b204e9800998ecf8427e"),
            ("d41d8cd98f00b204e9800998ecf8427f", "md5 d41d8cd98f00b204e9800998ecf8427f"),
        ],
    ),
    ("a serial number is none", "Serial number: 7e748cdde5b67111bfe43346900e043d", &[]),
    (
        "a thumbprint is one",
        "Thumbprint: 794e2af8affb7d78ff654d2dd780e39fd682e152",
        &[("794e2af8affb7d78ff654d2dd780e39fd682e152", "sha1 794e2af8affb7d78ff654d2dd780e39fd682e152")],
    ),
    ("decimal digits are none", "12345678901234567890123456789012", &[]),
    ("zeros are none", "00000000000000000000000000000000 ffffffffffffffffffffffffffffffff", &[]),
    (
        "broken over two lines",
        "3395856ce81f2b7382dee72602\n  f798b642f14140 end",
        &[("3395856ce81f2b7382dee72602\n  f798b642f14140", "sha1 3395856ce81f2b7382dee72602f798b642f14140")],
    ),
    (
        "the last line of a longer run",
        "40a0a52ef716177d1f7451a4f2ec25a0cf642dbde110cae4571dcf148eab911d\ndb3f570168\n33d9231c812438ae599bde368f88c35c57adbb73631a2aa2ec21b8973568aaef8d\n0d7c717173cc1e64c5c93a91b129bba7",
        &[(
            "40a0a52ef716177d1f7451a4f2ec25a0cf642dbde110cae4571dcf148eab911d",
            "sha256 40a0a52ef716177d1f7451a4f2ec25a0cf642dbde110cae4571dcf148eab911d",
        )],
    ),
    (
        "a list stays a list",
        "d41d8cd98f00b204e9800998ecf8427e\nd41d8cd98f00b204e9800998ecf8427f\n",
        &[
            ("d41d8cd98f00b204e9800998ecf8427e", "md5 d41d8cd98f00b204e9800998ecf8427e"),
            ("d41d8cd98f00b204e9800998ecf8427f", "md5 d41d8cd98f00b204e9800998ecf8427f"),
        ],
    ),
    (
        "TLSH",
        "T1B9C2B54F6F8A0D2A4F1F5B8C3D2E1F0A9B8C7D6E5F4A3B2C1D0E9F8A7B6C5D4E3F2A1B.",
        &[(
            "T1B9C2B54F6F8A0D2A4F1F5B8C3D2E1F0A9B8C7D6E5F4A3B2C1D0E9F8A7B6C5D4E3F2A1B",
            "tlsh T1B9C2B54F6F8A0D2A4F1F5B8C3D2E1F0A9B8C7D6E5F4A3B2C1D0E9F8A7B6C5D4E3F2A1B",
        )],
    ),
    (
        "ssdeep",
        "ssdeep: 3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C, 12:30:45",
        &[("3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C", "ssdeep 3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C")],
    ),
    ("an address and a port are no ssdeep", "192:1234:5678 96:8080", &[]),
];
