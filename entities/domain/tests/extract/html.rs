//! HTML: what a reader sees, and where it stands in the source.

use aggregator_domain::extract_html;

/// What is found: the source at the span, and `kind value`.
fn found(html: &str) -> Vec<(&str, String)> {
    extract_html(html)
        .into_iter()
        .map(|found| {
            let indicator = &found.parsed.indicator;
            (&html[found.span], format!("{} {}", indicator.kind(), indicator.value()))
        })
        .collect()
}

fn check(why: &str, html: &str, expected: &[(&str, &str)]) {
    let expected: Vec<_> = expected.iter().map(|(source, value)| (*source, (*value).to_owned())).collect();
    assert_eq!(found(html), expected, "{why}: {html}");
}

#[test]
fn text_and_link_are_both_found() {
    check(
        "the link and its text differ in a phishing mail",
        r#"<p>See <a href="http://evil.com/a">bank.com</a>.</p>"#,
        &[("http://evil.com/a", "url http://evil.com/a"), ("bank.com", "domain bank.com")],
    );
    check(
        "sources",
        "<img src='https://evil.com/x.png'>",
        &[("https://evil.com/x.png", "url https://evil.com/x.png")],
    );
    check("no quotes", "<a href=http://evil.com/a>x</a>", &[("http://evil.com/a", "url http://evil.com/a")]);
    check("a mail link", "<a href=\"mailto:bob@evil.com\">x</a>", &[("bob@evil.com", "email bob@evil.com")]);
    check(
        "no scheme",
        "<script src=\"//evil.com/x.js\"></script>",
        &[("evil.com/x.js", "url http://evil.com/x.js")],
    );
    check("a relative address is none", "<a href=\"setup.com\">x</a><img src=\"a/b.me\">", &[]);
    check("other attributes are not addresses", "<p title=\"http://evil.com/a\">x</p>", &[]);
    check("embedded data is not read", "<img src=\"data:text/plain,evil.com\">", &[]);
}

#[test]
fn character_references_are_decoded() {
    check(
        "a dot",
        "evil&#46;com evil&#x2e;org",
        &[("evil&#46;com", "domain evil.com"), ("evil&#x2e;org", "domain evil.org")],
    );
    check(
        "an ampersand in text",
        "http://evil.com/?a=1&amp;b=2",
        &[("http://evil.com/?a=1&amp;b=2", "url http://evil.com/?a=1&b=2")],
    );
    check(
        "an ampersand in a link",
        "<a href=\"http://evil.com/?a=1&amp;copy=2&copy=3\">x</a>",
        &[("http://evil.com/?a=1&amp;copy=2&copy=3", "url http://evil.com/?a=1&copy=2&copy=3")],
    );
    check(
        "quotes end a value",
        "&quot;evil.com&quot;&nbsp;&lt;evil.org&gt;",
        &[("evil.com", "domain evil.com"), ("evil.org", "domain evil.org")],
    );
    check("no reference at all", "AT&T evil.com & co", &[("evil.com", "domain evil.com")]);
}

#[test]
fn tags_join_or_separate_as_a_browser_shows() {
    check(
        "inline tags join",
        "evil<b>[.]</b>com <i>evil</i>.org",
        &[("evil<b>[.]</b>com", "domain evil.com"), ("evil</i>.org", "domain evil.org")],
    );
    check(
        "a place to break is none",
        "http://evil.com/<wbr>long",
        &[("http://evil.com/<wbr>long", "url http://evil.com/long")],
    );
    check(
        "cells separate",
        "<td>evil</td><td>.com</td><td>192.0.2.1</td><td>evil.com</td>",
        &[("192.0.2.1", "ipv4 192.0.2.1"), ("evil.com", "domain evil.com")],
    );
    check(
        "line breaks separate",
        "evil.com<br>evil.org",
        &[("evil.com", "domain evil.com"), ("evil.org", "domain evil.org")],
    );
}

#[test]
fn what_no_reader_sees_is_not_read() {
    check(
        "scripts, styles and comments",
        "<script>x='evil.com'</script><style>a{b:url(http://evil.com/)}</style><!-- evil.com -->",
        &[],
    );
    check("text behind them is", "<script>a<b</script>evil.com", &[("evil.com", "domain evil.com")]);
}

#[test]
fn broken_html_is_read_all_the_same() {
    check(
        "an open tag at the end",
        "evil.com <a href=\"http://evil.org/",
        &[("evil.com", "domain evil.com")],
    );
    check("text alone", "evil[.]com", &[("evil[.]com", "domain evil.com")]);
    check("nothing", "", &[]);
}

#[test]
fn raw_is_what_a_reader_sees() {
    let found = extract_html("evil&#46;com");
    assert_eq!(found[0].raw, "evil.com");
}
