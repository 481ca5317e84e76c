//! The web app: the files of `http.web_folder`, read once at the start, each with the encodings the build left beside it.
//!
//! What is under `assets/` has its content's hash in its name and never changes; everything else is asked about again. A
//! path that is no file and no part of the API is a page of the app: it gets `index.html`, and the app says what it is.

use std::collections::HashMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::Path;

use actix_web::http::header::{self, AcceptEncoding, ContentEncoding, Encoding, Header};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};

/// The page every other is shown in.
const INDEX: &str = "index.html";

/// Scripts, styles and everything else from this server alone, nothing inline. `web/policy.ts` says the same; a test
/// there compares the two.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'";

/// Endings of names and what they say of the content. Source maps stay where the app was built.
const TYPES: [(&str, &str); 11] = [
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("ico", "image/x-icon"),
    ("webp", "image/webp"),
    ("woff2", "font/woff2"),
    ("json", "application/json"),
    ("webmanifest", "application/manifest+json"),
    ("txt", "text/plain; charset=utf-8"),
];

/// Paths that are the API's and the operator's, file or not.
const NOT_PAGES: [&str; 4] = ["api", "metrics", "livez", "readyz"];

/// A file in the forms it can be sent in.
#[derive(Debug)]
struct File {
    content_type: &'static str,
    plain: Bytes,
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
    /// What its plain form hashes to.
    hash: u64,
}

/// The files, by their path below the folder.
#[derive(Debug, Default)]
pub(crate) struct Site(HashMap<String, File>);

impl Site {
    /// Reads a folder; no files where there is none.
    pub(crate) fn read(folder: &Path) -> io::Result<Self> {
        let mut bodies = HashMap::new();
        match fs::metadata(folder) {
            Ok(_) => collect(folder, "", &mut bodies)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let names: Vec<String> = bodies.keys().cloned().collect();
        let files = names.into_iter().filter_map(|name| Some((name.clone(), file(&name, &bodies)?)));
        Ok(Self(files.collect()))
    }

    /// True when there is an app to show.
    pub(crate) fn is_there(&self) -> bool {
        self.0.contains_key(INDEX)
    }

    /// The answer to a GET that no route took; `None` where the app has none either.
    pub(crate) fn answer(&self, request: &HttpRequest) -> Option<HttpResponse> {
        let path = request.path().trim_start_matches('/');
        if path.is_empty() && !self.is_there() {
            let docs = (header::LOCATION, "/api/docs/");
            return Some(HttpResponse::TemporaryRedirect().insert_header(docs).finish());
        }
        if let Some(file) = self.0.get(path) {
            return Some(file.answer(request, path.starts_with("assets/")));
        }
        let file = self.0.get(INDEX).filter(|_| is_page(path) && accepts_pages(request))?;
        Some(file.answer(request, false))
    }
}

/// True for a path the app may show something at: a name with an ending would be a file.
fn is_page(path: &str) -> bool {
    let first = path.split('/').next().unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default();
    !NOT_PAGES.contains(&first) && !last.contains('.')
}

/// True for a browser that goes to an address, and not for a script that fetches one.
fn accepts_pages(request: &HttpRequest) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

impl File {
    fn answer(&self, request: &HttpRequest, immutable: bool) -> HttpResponse {
        let (body, encoding) = self.body(request);
        // Each form is other bytes: a tag of its own.
        let tag = format!("\"{:016x}-{}\"", self.hash, encoding.as_str());
        let knows = request.headers().get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
        // Compared weakly: a proxy that encodes what it passes on marks the tag as weak.
        let is_it = |known: &str| known.trim().trim_start_matches("W/") == tag;
        let is_known = knows.is_some_and(|tags| tags.split(',').any(is_it));
        let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        let cached = if immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
        response
            .insert_header((header::CACHE_CONTROL, cached))
            .insert_header((header::ETAG, tag.as_str()))
            .insert_header((header::VARY, "accept-encoding"))
            .insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY));
        if is_known {
            return response.finish();
        }
        // Said even of a plain body: nothing encodes it again.
        response.insert_header(encoding);
        response.content_type(self.content_type).body(body)
    }

    /// The smallest form the client takes.
    fn body(&self, request: &HttpRequest) -> (Bytes, ContentEncoding) {
        let takes = |encoding: Encoding| {
            let accepted = AcceptEncoding::parse(request).ok();
            accepted.is_some_and(|accepted| {
                accepted.negotiate([&encoding].into_iter()).as_ref() == Some(&encoding)
            })
        };
        match (&self.brotli, &self.gzip) {
            (Some(brotli), _) if takes(Encoding::brotli()) => (brotli.clone(), ContentEncoding::Brotli),
            (_, Some(gzip)) if takes(Encoding::gzip()) => (gzip.clone(), ContentEncoding::Gzip),
            _ => (self.plain.clone(), ContentEncoding::Identity),
        }
    }
}

/// Reads every file below a folder. What begins with a dot is the build's own, as `.vite/manifest.json`. A file may be
/// a link; a folder that is one is not followed: it may lead anywhere, itself included.
fn collect(folder: &Path, before: &str, bodies: &mut HashMap<String, Bytes>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let file_name = entry.file_name();
        let file_name = file_name.to_string_lossy();
        if file_name.starts_with('.') {
            continue;
        }
        let (path, name) = (entry.path(), format!("{before}{file_name}"));
        if entry.file_type()?.is_dir() {
            collect(&path, &format!("{name}/"), bodies)?;
        } else if fs::metadata(&path).is_ok_and(|at_its_end| at_its_end.is_file()) {
            bodies.insert(name, Bytes::from(fs::read(&path)?));
        } else {
            tracing::warn!(path = %path.display(), "not served: neither a file nor a folder of the web app's own");
        }
    }
    Ok(())
}

/// A file with its encodings; `None` for an encoding of another, and for what no browser is told the type of.
fn file(name: &str, bodies: &HashMap<String, Bytes>) -> Option<File> {
    let ending = name.rsplit_once('.')?.1;
    let content_type = TYPES.iter().find(|(of, _)| *of == ending)?.1;
    let plain = bodies.get(name)?.clone();
    let mut hasher = DefaultHasher::new();
    plain.hash(&mut hasher);
    let encoded = |ending: &str| bodies.get(&format!("{name}.{ending}")).cloned();
    Some(File { content_type, brotli: encoded("br"), gzip: encoded("gz"), hash: hasher.finish(), plain })
}
