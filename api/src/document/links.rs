//! Which operations an answer leads to, and with what: links of the document. A client reads there what the `id`, `slug` or
//! ETag it was given is good for.

use utoipa::openapi::link::LinkBuilder;
use utoipa::openapi::{OpenApi, RefOr, Response};

/// From the answers of these operations …
struct Links {
    from: &'static [&'static str],
    /// … to these operations …
    to: &'static [&'static str],
    /// … with these parameters.
    with: &'static [(&'static str, &'static str)],
}

/// The ETag of an answer, for If-Match.
const ETAG: (&str, &str) = ("If-Match", "$response.header.ETag");

const SLUG: (&str, &str) = ("slug", "$response.body#/slug");

const LINKS: &[Links] = &[
    Links {
        from: &["create_submission", "rerun_submission", "get_submission", "cancel_submission"],
        to: &[
            "get_submission",
            "cancel_submission",
            "rerun_submission",
            "delete_submission",
            "stream_submission_events",
            "get_submission_facets",
            "list_submission_rejects",
            "list_submission_items",
        ],
        with: &[("id", "$response.body#/id")],
    },
    Links {
        from: &["create_submission", "rerun_submission", "get_submission"],
        to: &["list_lookups"],
        with: &[("submission", "$response.body#/id")],
    },
    Links {
        from: &["list_submissions"],
        to: &["get_submission"],
        with: &[("id", "$response.body#/submissions/0/id")],
    },
    Links {
        from: &["list_submission_items"],
        to: &["get_submission_item"],
        with: &[("id", "$request.path.id"), ("ordinal", "$response.body#/items/0/ordinal")],
    },
    Links {
        from: &["list_submission_items"],
        to: &["get_indicator"],
        with: &[("id", "$response.body#/items/0/indicator_id")],
    },
    Links {
        from: &["get_submission_item"],
        to: &["get_indicator", "get_indicator_history"],
        with: &[("id", "$response.body#/item/indicator_id")],
    },
    Links {
        from: &["list_indicators"],
        to: &["get_indicator", "get_indicator_history"],
        with: &[("id", "$response.body#/indicators/0/id")],
    },
    Links {
        from: &["get_indicator"],
        to: &["get_indicator_history"],
        with: &[("id", "$response.body#/indicator/id")],
    },
    Links {
        from: &["get_indicator_history"],
        to: &["get_submission_item"],
        with: &[
            ("id", "$response.body#/sightings/0/submission_id"),
            ("ordinal", "$response.body#/sightings/0/ordinal"),
        ],
    },
    Links {
        from: &["list_lookups"],
        to: &["get_lookup", "retry_lookup"],
        with: &[("id", "$response.body#/lookups/0/id")],
    },
    Links {
        from: &["get_lookup", "retry_lookup"],
        to: &["get_lookup", "retry_lookup"],
        with: &[("id", "$response.body#/id")],
    },
    Links {
        from: &["get_lookup", "retry_lookup"],
        to: &["get_submission_item"],
        with: &[("id", "$response.body#/submission_id"), ("ordinal", "$response.body#/ordinal")],
    },
    Links {
        from: &["list_dead_letters"],
        to: &["get_lookup", "retry_lookup", "replay_dead_letters", "discard_dead_letters"],
        with: &[("id", "$response.body#/dead_letters/0/id")],
    },
    Links {
        from: &["list_tasks"],
        to: &["get_task", "retry_task"],
        with: &[("id", "$response.body#/tasks/0/id")],
    },
    Links {
        from: &["get_task", "retry_task"],
        to: &["get_task", "retry_task"],
        with: &[("id", "$response.body#/id")],
    },
    Links { from: &["list_kinds"], to: &["get_kind"], with: &[("slug", "$response.body#/kinds/0/slug")] },
    Links {
        from: &["create_kind", "get_kind", "replace_kind"],
        to: &["replace_kind", "delete_kind"],
        with: &[SLUG, ETAG],
    },
    Links { from: &["create_kind"], to: &["get_kind"], with: &[SLUG] },
    Links { from: &["create_kind"], to: &["list_indicators"], with: &[("kind", "$response.body#/slug")] },
    Links {
        from: &["list_playbooks"],
        to: &["get_playbook"],
        with: &[("slug", "$response.body#/playbooks/0/slug")],
    },
    Links {
        from: &["create_playbook", "get_playbook", "replace_playbook"],
        to: &["replace_playbook", "delete_playbook"],
        with: &[SLUG, ETAG],
    },
    Links { from: &["create_playbook"], to: &["get_playbook"], with: &[SLUG] },
    Links {
        from: &["create_playbook"],
        to: &["create_submission"],
        with: &[("playbook", "$response.body#/slug")],
    },
    Links {
        from: &["list_ignore_lists"],
        to: &["get_ignore_list", "list_ignore_list_entries"],
        with: &[("slug", "$response.body#/ignore_lists/0/slug")],
    },
    Links {
        from: &["create_ignore_list", "get_ignore_list", "replace_ignore_list"],
        to: &["replace_ignore_list", "replace_ignore_list_entries", "delete_ignore_list"],
        with: &[SLUG, ETAG],
    },
    Links {
        from: &["create_ignore_list", "get_ignore_list"],
        to: &["get_ignore_list", "create_ignore_list_entries", "list_ignore_list_entries"],
        with: &[SLUG],
    },
    Links {
        from: &["list_ignore_list_entries"],
        to: &["delete_ignore_list_entry"],
        with: &[("slug", "$request.path.slug"), ("id", "$response.body#/entries/0/id")],
    },
    Links {
        from: &["list_providers"],
        to: &["get_provider"],
        with: &[("slug", "$response.body#/providers/0/slug")],
    },
    Links { from: &["get_provider", "replace_provider"], to: &["replace_provider"], with: &[SLUG, ETAG] },
    Links {
        from: &["get_provider"],
        to: &["list_sources", "list_feeds"],
        with: &[("provider", "$response.body#/slug")],
    },
    Links {
        from: &["list_sources"],
        to: &["get_source"],
        with: &[("slug", "$response.body#/sources/0/slug")],
    },
    Links {
        from: &["get_source", "replace_source", "pause_source", "resume_source"],
        to: &["replace_source"],
        with: &[SLUG, ETAG],
    },
    Links { from: &["get_source"], to: &["pause_source", "resume_source", "test_source"], with: &[SLUG] },
    Links { from: &["test_source"], to: &["get_task"], with: &[("id", "$response.body#/id")] },
    Links { from: &["list_feeds"], to: &["get_feed"], with: &[("slug", "$response.body#/feeds/0/slug")] },
    Links { from: &["get_feed", "replace_feed"], to: &["replace_feed"], with: &[SLUG, ETAG] },
    Links { from: &["get_feed"], to: &["refresh_feed"], with: &[SLUG] },
    Links {
        from: &["list_settings"],
        to: &["get_setting"],
        with: &[("key", "$response.body#/settings/0/key")],
    },
    Links {
        from: &["get_setting", "replace_setting"],
        to: &["replace_setting", "delete_setting"],
        with: &[("key", "$response.body#/key"), ETAG],
    },
];

/// Adds the links to every success of the operations they start from. A link is named by the operation it leads to.
pub(super) fn add(document: &mut OpenApi) {
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            let id = operation.operation_id.clone().unwrap_or_default();
            let of_operation: Vec<&Links> =
                LINKS.iter().filter(|links| links.from.contains(&id.as_str())).collect();
            let successes =
                operation.responses.responses.iter_mut().filter(|(status, _)| status.starts_with('2'));
            for (_, response) in successes {
                if let RefOr::T(response) = response {
                    for links in &of_operation {
                        extend(response, links);
                    }
                }
            }
        }
    }
}

fn extend(response: &mut Response, links: &Links) {
    for to in links.to {
        let link = LinkBuilder::new().operation_id(*to);
        let link = links.with.iter().fold(link, |link, (name, value)| link.parameter(*name, *value));
        response.links.insert((*to).to_owned(), RefOr::T(link.build()));
    }
}
