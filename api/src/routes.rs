//! The route table: every operation the API has, and nothing else.
//!
//! Adding one: a handler with `#[utoipa::path]` in the file of its resource, and a line here. The document, the 405
//! answers and the lint all follow from it.

use actix_web::dev::{ServiceFactory, ServiceRequest};
use utoipa_actix_web::{UtoipaApp, scope};

use crate::handlers::{
    dead_letters, detect, document, extract, feeds, health, ignore_lists, indicators, kinds, lookups,
    metrics, playbooks, problems, providers, queues, settings, sources, stats, submissions, tasks, workers,
};

/// Puts every route into an app.
pub(crate) fn mount<T>(app: UtoipaApp<T>) -> UtoipaApp<T>
where
    T: ServiceFactory<ServiceRequest, Config = (), Error = actix_web::Error, InitError = ()>,
{
    kept(worked(app))
}

/// What is sent in, what comes of it, and how the work goes.
fn worked<T>(app: UtoipaApp<T>) -> UtoipaApp<T>
where
    T: ServiceFactory<ServiceRequest, Config = (), Error = actix_web::Error, InitError = ()>,
{
    app.service(scope("/livez").service(health::get_liveness))
        .service(scope("/readyz").service(health::get_readiness))
        .service(scope("/metrics").service(metrics::get_metrics))
        .service(scope("/api/v1/detect").service(detect::detect_value).service(detect::detect_values))
        .service(scope("/api/v1/extract").service(extract::extract_indicators))
        .service(
            scope("/api/v1/submissions")
                .service(submissions::create_submission)
                .service(submissions::list_submissions)
                .service(submissions::get_submission)
                .service(submissions::delete_submission)
                .service(submissions::cancel_submission)
                .service(submissions::rerun_submission)
                .service(submissions::stream_submission_events)
                .service(submissions::get_submission_facets)
                .service(submissions::list_submission_rejects)
                .service(submissions::list_submission_items)
                .service(submissions::get_submission_item),
        )
        .service(
            scope("/api/v1/indicators")
                .service(indicators::list_indicators)
                .service(indicators::get_indicator)
                .service(indicators::get_indicator_history),
        )
        .service(
            scope("/api/v1/queues")
                .service(queues::list_queues)
                .service(queues::list_source_queues)
                .service(queues::pause_queue)
                .service(queues::resume_queue),
        )
        .service(
            scope("/api/v1/lookups")
                .service(lookups::list_lookups)
                .service(lookups::get_lookup)
                .service(lookups::retry_lookup)
                .service(lookups::cancel_lookup),
        )
        .service(
            scope("/api/v1/tasks")
                .service(tasks::list_tasks)
                .service(tasks::get_task)
                .service(tasks::retry_task),
        )
        .service(scope("/api/v1/workers").service(workers::list_workers))
        .service(scope("/api/v1/stats").service(stats::get_stats))
        .service(
            scope("/api/v1/dead-letters")
                .service(dead_letters::list_dead_letters)
                .service(dead_letters::replay_dead_letters)
                .service(dead_letters::discard_dead_letters),
        )
        .service(
            scope("/api/v1/kinds")
                .service(kinds::list_kinds)
                .service(kinds::create_kind)
                .service(kinds::get_kind)
                .service(kinds::replace_kind)
                .service(kinds::delete_kind),
        )
}

/// What an administrator looks after.
fn kept<T>(app: UtoipaApp<T>) -> UtoipaApp<T>
where
    T: ServiceFactory<ServiceRequest, Config = (), Error = actix_web::Error, InitError = ()>,
{
    app.service(
        scope("/api/v1/playbooks")
            .service(playbooks::list_playbooks)
            .service(playbooks::create_playbook)
            .service(playbooks::get_playbook)
            .service(playbooks::replace_playbook)
            .service(playbooks::delete_playbook),
    )
    .service(
        scope("/api/v1/ignore-lists")
            .service(ignore_lists::list_ignore_lists)
            .service(ignore_lists::create_ignore_list)
            .service(ignore_lists::get_ignore_list)
            .service(ignore_lists::replace_ignore_list)
            .service(ignore_lists::delete_ignore_list)
            .service(ignore_lists::list_ignore_list_entries)
            .service(ignore_lists::create_ignore_list_entries)
            .service(ignore_lists::replace_ignore_list_entries)
            .service(ignore_lists::delete_ignore_list_entry),
    )
    .service(
        scope("/api/v1/providers")
            .service(providers::list_providers)
            .service(providers::create_provider)
            .service(providers::get_provider)
            .service(providers::replace_provider)
            .service(providers::delete_provider),
    )
    .service(
        scope("/api/v1/sources")
            .service(sources::list_sources)
            .service(sources::create_source)
            .service(sources::get_source)
            .service(sources::replace_source)
            .service(sources::delete_source)
            .service(sources::pause_source)
            .service(sources::resume_source)
            .service(sources::test_source),
    )
    .service(
        scope("/api/v1/feeds")
            .service(feeds::list_feeds)
            .service(feeds::create_feed)
            .service(feeds::get_feed)
            .service(feeds::replace_feed)
            .service(feeds::delete_feed)
            .service(feeds::refresh_feed),
    )
    .service(scope("/api/v1/feed-presets").service(feeds::list_feed_presets))
    .service(
        scope("/api/v1/settings")
            .service(settings::list_settings)
            .service(settings::get_setting)
            .service(settings::replace_setting)
            .service(settings::delete_setting),
    )
    .service(scope("/api/v1/problems").service(problems::list_problems))
    .service(scope("/api/v1/openapi.json").service(document::get_document))
}
