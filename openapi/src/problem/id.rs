//! The closed set of problems: one row each, told to clients as an enum. Removing or renaming one breaks clients and
//! needs an ADR.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! problems {
    ($($(#[$doc:meta])* $variant:ident = $id:tt, $status:literal, $title:literal, $detail:literal, $next:literal;)+) => {
        /// Which problem it is. Closed: a client may decide by it without a fallback for this version of the API.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        pub enum ProblemId { $($(#[$doc])* #[serde(rename = $id)] $variant),+ }

        impl ProblemId {
            /// Every problem there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable name.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id),+ }
            }

            /// The HTTP status it comes with.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),+ }
            }

            /// One short line, the same every time.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }

            /// What the reader does next.
            pub const fn next_step(self) -> &'static str {
                match self { $(Self::$variant => $next),+ }
            }

            /// What `detail` may say, for examples.
            pub(crate) const fn example_detail(self) -> &'static str {
                match self { $(Self::$variant => $detail),+ }
            }
        }
    };
}

problems! {
    /// The body is not what the route reads.
    InvalidBody = "invalid_body", 400, "The body cannot be read",
        "unknown field `valeus`, expected `values` or `kind` at line 1 column 10",
        "Correct the body as `detail` says and send it again.";
    /// A parameter is missing, unknown, given twice or out of its range.
    InvalidParameter = "invalid_parameter", 400, "A parameter is wrong",
        "unknown field `valeu`, expected `value` or `kind`",
        "Correct the parameter as `detail` says; the document lists what each route takes.";
    /// A page cursor was altered, or belongs to another list or filter.
    CursorInvalid = "cursor_invalid", 400, "The page cursor does not belong here",
        "the cursor was made for another filter",
        "Start again from the first page, without a cursor.";
    /// A browser sent this on behalf of another site.
    OriginNotAllowed = "origin_not_allowed", 403, "Another site may not do this",
        "the Origin header is not this server's own",
        "Send it from a page of this server, or from a program that sends no Origin and no Sec-Fetch-Site.";
    /// There is nothing here, or nothing its reader may see.
    NotFound = "not_found", 404, "There is nothing here",
        "no route matches the path",
        "Check the path and the id; /api/docs lists every route.";
    /// The route exists, but not for this method.
    MethodNotAllowed = "method_not_allowed", 405, "The method is not allowed here",
        "PUT is not allowed here; use GET or POST",
        "Use a method that the Allow header names.";
    /// No representation that the Accept header asks for.
    NotAcceptable = "not_acceptable", 406, "No such representation",
        "application/xml is not offered",
        "Ask for a media type the document lists for this route.";
    /// The body did not arrive in time.
    BodyTimeout = "body_timeout", 408, "The body took too long",
        "the body did not arrive within 30 seconds",
        "Send it again over a faster connection, or in smaller parts.";
    /// The same Idempotency-Key is being worked on.
    IdempotencyInProgress = "idempotency_in_progress", 409, "The same request is under way",
        "a request with this Idempotency-Key has not finished",
        "Wait for Retry-After and send the same request again: it answers with the first one's result.";
    /// The thing is in a state that does not allow this.
    StateConflict = "state_conflict", 409, "Its state does not allow this",
        "the submission is already done",
        "Read it again and decide anew.";
    /// Something else has this slug.
    SlugTaken = "slug_taken", 409, "The slug is taken",
        "there is a playbook `mail` already",
        "Choose another slug, or replace the thing that has it with PUT.";
    /// It comes with the program, and the program needs it as it is.
    BuiltIn = "built_in", 409, "It comes with the program",
        "the playbook `local` comes with the program and is not deleted",
        "Make one of your own and use that.";
    /// It is read when a process starts, and not changed afterwards.
    RestartNeeded = "restart_needed", 409, "It takes a restart",
        "`http.listen` is read when a process starts",
        "Set it in the file or the environment of each process and start them again; `aggregator settings` prints every key.";
    /// Something that is not finished needs it.
    InUse = "in_use", 409, "It is in use",
        "3 submissions that are not done run the playbook `mail`",
        "Wait until what needs it is done, or end, change or delete that, and try again.";
    /// The thing changed since it was read.
    PreconditionFailed = "precondition_failed", 412, "It changed meanwhile",
        "If-Match names an older version",
        "Read it again, apply the change to the new version and send that version's ETag.";
    /// The body is larger than the route takes.
    BodyTooLarge = "body_too_large", 413, "The body is too large",
        "the body is larger than 1048576 bytes",
        "Send less at once; `limit` is the largest body, bytes.";
    /// More indicators than one request takes.
    TooManyIndicators = "too_many_indicators", 413, "Too many indicators",
        "1001 values were sent; one request takes 1000",
        "Split them over several requests; `limit` is the most one takes.";
    /// More entries than one request takes, or a list holds.
    TooManyEntries = "too_many_entries", 413, "Too many entries",
        "the body has more than 200000 entries",
        "Split them over several requests or lists; `limit` is the most that is taken.";
    /// A line is longer than one indicator can be.
    LineTooLong = "line_too_long", 413, "A line is too long",
        "line 17 is longer than 8192 bytes",
        "Break the line; `limit` is the longest one, bytes.";
    /// The body's media type, charset or encoding is not read here.
    UnsupportedMediaType = "unsupported_media_type", 415, "The body's media type is not read here",
        "application/xml is not read here; send application/json",
        "Send one of the media types `detail` names, as UTF-8 and without Content-Encoding.";
    /// The Host header names somebody else.
    HostNotAllowed = "host_not_allowed", 421, "This server does not answer to that name",
        "the Host header names a host this server does not answer to",
        "Use localhost, or let the operator add the name to http.allowed_hosts (AGGREGATOR_HTTP_ALLOWED_HOSTS).";
    /// The same Idempotency-Key came with another body or other parameters.
    IdempotencyConflict = "idempotency_conflict", 422, "The key was used for something else",
        "this Idempotency-Key came with another request before",
        "Take a fresh Idempotency-Key for a new request.";
    /// A change came without the version it changes.
    PreconditionRequired = "precondition_required", 428, "The version is missing",
        "If-Match is missing",
        "Read the thing and send its ETag as If-Match.";
    /// Too many submissions are not yet done.
    TooManyOpenSubmissions = "too_many_open_submissions", 429, "Too many submissions are open",
        "100 submissions are not yet done",
        "Wait for Retry-After, or cancel a submission.";
    /// Something went wrong here.
    Internal = "internal", 500, "Something went wrong here",
        "the request could not be finished",
        "Try again; if it stays, give the operator the X-Request-Id of this response.";
    /// Too many items wait for work.
    BacklogFull = "backlog_full", 503, "Too much work is waiting",
        "5000000 items wait",
        "Wait for Retry-After and send it again.";
    /// The disk has no room for more.
    DiskFull = "disk_full", 503, "No room on the disk",
        "less than 536870912 bytes are free",
        "Let the operator free space or move data_dir; reading still works.";
    /// Something this route needs is away.
    NotReady = "not_ready", 503, "The server is not ready",
        "the database cannot be reached",
        "Wait for Retry-After and try again; /readyz tells which part is away.";
}

impl ProblemId {
    /// The reference that goes into `type`; see [`super::DESCRIPTIONS_PATH`].
    pub fn type_reference(self) -> String {
        format!("{}#{}", super::DESCRIPTIONS_PATH, self.id())
    }
}

impl std::fmt::Display for ProblemId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.id())
    }
}
