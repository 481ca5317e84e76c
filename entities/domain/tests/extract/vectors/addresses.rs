//! Defanged forms, URLs and e-mail addresses.

use super::Vector;

pub(super) const DEFANGED: &[Vector] = &[
    (
        "what was found is no scheme any more",
        "e.ch**p://evil.com/a",
        &[("e.ch", "domain e.ch"), ("evil.com/a", "url http://evil.com/a")],
    ),
    (
        "a defanged dot in a sentence",
        "C2 at evil[.]example[.]com.",
        &[("evil[.]example[.]com", "domain evil.example.com")],
    ),
    ("one mark is enough", "see 1.1.1[.]1, then", &[("1.1.1[.]1", "ipv4 1.1.1.1")]),
    (
        "round and curly marks",
        "evil(.)com evil{.}com evil(dot)com evil[dot]com",
        &[
            ("evil(.)com", "domain evil.com"),
            ("evil{.}com", "domain evil.com"),
            ("evil(dot)com", "domain evil.com"),
            ("evil[dot]com", "domain evil.com"),
        ],
    ),
    (
        "spaces around a mark",
        "evil [.] example [.] com and more",
        &[("evil [.] example [.] com", "domain evil.example.com")],
    ),
    ("a backslash as a mark", r"evil\.example\.com", &[(r"evil\.example\.com", "domain evil.example.com")]),
    (
        "a defanged scheme",
        "hxxps://evil[.]com/a?b=c",
        &[("hxxps://evil[.]com/a?b=c", "url https://evil.com/a?b=c")],
    ),
    (
        "the colon defanged too",
        "hXXp[:]//evil[.]com/a",
        &[("hXXp[:]//evil[.]com/a", "url http://evil.com/a")],
    ),
    (
        "the whole separator defanged",
        "hxxp[://]evil.com/a",
        &[("hxxp[://]evil.com/a", "url http://evil.com/a")],
    ),
    ("a scheme with stars", "h**ps://evil.com/a", &[("h**ps://evil.com/a", "url https://evil.com/a")]),
    (
        "an at sign defanged",
        "bob[@]evil[.]com bob [at] evil [dot] com",
        &[("bob[@]evil[.]com", "email bob@evil.com"), ("bob [at] evil [dot] com", "email bob@evil.com")],
    ),
    ("an address with a defanged colon", "1.2.3.4[:]8080", &[("1.2.3.4[:]8080", "ipv4 1.2.3.4")]),
    (
        "IPv6 with defanged colons",
        "2001[:]db8[:]0[:]0[:]0[:]0[:]0[:]1",
        &[("2001[:]db8[:]0[:]0[:]0[:]0[:]0[:]1", "ipv6 2001:db8::1")],
    ),
    (
        "a suffix outside the DNS counts when defanged",
        "cnc[.]lib and out.lib",
        &[("cnc[.]lib", "domain cnc.lib")],
    ),
    (
        "a file extension counts when defanged",
        "invoice[.]zip is a host",
        &[("invoice[.]zip", "domain invoice.zip")],
    ),
    ("`(at)` in prose is no address", "meet (at) noon", &[]),
    ("footnotes are no marks", "example[1].com", &[]),
];

pub(super) const URLS: &[Vector] = &[
    (
        "a full stop ends the sentence",
        "Go to http://evil.com/a.",
        &[("http://evil.com/a", "url http://evil.com/a")],
    ),
    (
        "a question mark too",
        "Have you seen http://evil.com/a?",
        &[("http://evil.com/a", "url http://evil.com/a")],
    ),
    ("brackets around", "(http://evil.com/a)", &[("http://evil.com/a", "url http://evil.com/a")]),
    (
        "brackets inside",
        "http://evil.com/a_(b)_(c)",
        &[("http://evil.com/a_(b)_(c)", "url http://evil.com/a_(b)_(c)")],
    ),
    (
        "brackets inside and around",
        "(see http://evil.com/a_(b))",
        &[("http://evil.com/a_(b)", "url http://evil.com/a_(b)")],
    ),
    ("a Markdown link", "[text](http://evil.com/a)", &[("http://evil.com/a", "url http://evil.com/a")]),
    (
        "a Markdown link whose text is the address",
        "[http://evil.com/a](http://evil.com/b)",
        &[("http://evil.com/a", "url http://evil.com/a"), ("http://evil.com/b", "url http://evil.com/b")],
    ),
    ("an AsciiDoc link", "https://evil.com/a[the blog]", &[("https://evil.com/a", "url https://evil.com/a")]),
    ("angle brackets", "<http://evil.com/a>", &[("http://evil.com/a", "url http://evil.com/a")]),
    (
        "quotes of every kind",
        "'http://a.com/x' \"http://b.com/x\" `http://c.com/x` \u{201c}http://d.com/x\u{201d}",
        &[
            ("http://a.com/x", "url http://a.com/x"),
            ("http://b.com/x", "url http://b.com/x"),
            ("http://c.com/x", "url http://c.com/x"),
            ("http://d.com/x", "url http://d.com/x"),
        ],
    ),
    (
        "an apostrophe inside",
        "http://evil.com/o'neil",
        &[("http://evil.com/o'neil", "url http://evil.com/o'neil")],
    ),
    ("bold Markdown", "**http://evil.com/a**", &[("http://evil.com/a", "url http://evil.com/a")]),
    (
        "a CSV row with a date behind",
        "hxxp://evil.com/,2017-07-27 06:20:28",
        &[("hxxp://evil.com/", "url http://evil.com/")],
    ),
    (
        "a CSV row with a hash behind",
        "http://evil.com/a,d41d8cd98f00b204e9800998ecf8427e",
        &[
            ("http://evil.com/a", "url http://evil.com/a"),
            ("d41d8cd98f00b204e9800998ecf8427e", "md5 d41d8cd98f00b204e9800998ecf8427e"),
        ],
    ),
    ("a comma inside", "http://evil.com/a,b", &[("http://evil.com/a,b", "url http://evil.com/a,b")]),
    (
        "a list without spaces",
        "http://a.com/x,http://b.com/y;http://c.com/z",
        &[
            ("http://a.com/x", "url http://a.com/x"),
            ("http://b.com/y", "url http://b.com/y"),
            ("http://c.com/z", "url http://c.com/z"),
        ],
    ),
    (
        "user, password and port",
        "http://u:p@evil.com:8080/",
        &[("http://u:p@evil.com:8080/", "url http://u:p@evil.com:8080/")],
    ),
    (
        "an IPv6 host",
        "http://[2001:db8::1]:8080/a",
        &[("http://[2001:db8::1]:8080/a", "url http://[2001:db8::1]:8080/a")],
    ),
    (
        "an international host",
        "http://\u{4f8b}\u{5b50}.\u{6d4b}\u{8bd5}/a",
        &[("http://\u{4f8b}\u{5b50}.\u{6d4b}\u{8bd5}/a", "url http://xn--fsqu00a.xn--0zwm56d/a")],
    ),
    (
        "no scheme, a path",
        "evil.com/a.php?x=1 was",
        &[("evil.com/a.php?x=1", "url http://evil.com/a.php?x=1")],
    ),
    (
        "an array in a query",
        "http://evil.com/?a[]=1&b[0]=2",
        &[("http://evil.com/?a[]=1&b[0]=2", "url http://evil.com/?a[]=1&b[0]=2")],
    ),
    (
        "a CJK full stop behind",
        "http://evil.com/a\u{3002}",
        &[("http://evil.com/a", "url http://evil.com/a")],
    ),
    ("glued to a key", "url=http://evil.com/a", &[("http://evil.com/a", "url http://evil.com/a")]),
    (
        "an escaped line break in front and behind",
        r"\nhttp://evil.com/a\n",
        &[("http://evil.com/a", "url http://evil.com/a")],
    ),
    (
        "a URL in a URL is one",
        "http://evil.com/?u=http://other.com/",
        &[("http://evil.com/?u=http://other.com/", "url http://evil.com/?u=http://other.com/")],
    ),
    (
        "percent-encoded, the host is found",
        "https%3A%2F%2Fwww.evil.com%2Fa",
        &[("www.evil.com", "domain www.evil.com")],
    ),
    ("a host of one label is none", "http://localhost:8080/ http://intranet/", &[]),
    ("nothing behind the scheme", "http:// hxxp:// https://.", &[]),
    (
        "an unknown scheme leaves the host",
        "jdbc:mysql://db.evil.com:3306/x",
        &[("db.evil.com:3306/x", "url http://db.evil.com:3306/x")],
    ),
];

pub(super) const EMAILS: &[Vector] = &[
    (
        "what was found is no local part any more",
        "evil.com+a@evil.org",
        &[("evil.com", "domain evil.com"), ("a@evil.org", "email a@evil.org")],
    ),
    (
        "in angle brackets",
        "From: Bob <bob.smith+x@evil.com>",
        &[("bob.smith+x@evil.com", "email bob.smith+x@evil.com")],
    ),
    ("a link", "mailto:bob@evil.com", &[("bob@evil.com", "email bob@evil.com")]),
    ("a full stop behind", "Write to bob@evil.com.", &[("bob@evil.com", "email bob@evil.com")]),
    ("no domain, or twice the sign", "bob@localhost bob@@evil.invalidsuffix", &[]),
    ("not an address: a handle, a version", "@bob react@17.0.2", &[]),
    ("a clone address", "git@evil.com:a/b.git", &[("git@evil.com", "email git@evil.com")]),
    (
        "behind a word of a script without spaces",
        "\u{8bf7}\u{8054}\u{7cfb}bob@evil.com",
        &[("bob@evil.com", "email bob@evil.com")],
    ),
];
