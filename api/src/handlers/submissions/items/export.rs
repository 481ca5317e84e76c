//! All items that match, streamed page by page: however many there are, one page is in memory.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Bytes;
use aggregator_entities::Database;
use aggregator_entities::ids::SubmissionId;
use aggregator_entities::repositories::items::ItemFilter;
use aggregator_entities::repositories::walk::Walk;
use futures::stream;

use super::filter::AskedItems;
use super::{csv, read};
use crate::failure::Failure;

/// Items read at once.
const PAGE_ITEMS: u32 = 1_000;

/// The answer in `media_type`: CSV, or NDJSON for anything else. The first page is read before it begins, so that what
/// goes wrong at once is still a problem document.
pub(super) async fn stream(
    database: &Database,
    id: SubmissionId,
    AskedItems { filter, pages }: AskedItems,
    media_type: &'static str,
) -> Result<HttpResponse, Failure> {
    let walk = Walk { limit: PAGE_ITEMS, ..pages.walk };
    let mut export =
        Export { database: database.clone(), id, filter, walk, is_csv: media_type == "text/csv" };
    let first = export.page().await?;
    let head = export.is_csv.then(|| Bytes::from_static(csv::HEADER.as_bytes()));
    // Each step hands out what is ready and reads on when it is asked again: the client sets the pace.
    let pages = stream::try_unfold((export, Some(Step::Ready(first))), |(mut export, step)| async move {
        let (bytes, next) = match step {
            None => return Ok(None),
            Some(Step::Ready(page)) => page,
            Some(Step::After(ordinal)) => {
                export.walk.after = Some(ordinal);
                match export.page().await {
                    Ok(page) => page,
                    Err(failure) => {
                        tracing::warn!(submission.id = export.id.0, %failure, "an export broke off");
                        // The connection is closed without an end, which is all a started answer can say.
                        return Err(std::io::Error::other("the export broke off"));
                    }
                }
            }
        };
        Ok(Some((bytes, (export, next.map(Step::After)))))
    });
    let body = futures::StreamExt::chain(stream::iter(head.map(Ok)), pages);
    let mut response = HttpResponse::Ok();
    response.insert_header((header::VARY, "Accept"));
    if media_type == "text/csv" {
        response.content_type("text/csv; charset=utf-8; header=present");
        let name = format!("attachment; filename=\"submission-{id}.csv\"");
        response.insert_header((header::CONTENT_DISPOSITION, name));
    } else {
        response.content_type(media_type);
    }
    Ok(response.streaming(body))
}

enum Step {
    Ready((Bytes, Option<i32>)),
    After(i32),
}

struct Export {
    database: Database,
    id: SubmissionId,
    filter: ItemFilter,
    walk: Walk<i32>,
    is_csv: bool,
}

impl Export {
    /// The next page that has items as text, and the ordinal to go on behind.
    async fn page(&mut self) -> Result<(Bytes, Option<i32>), Failure> {
        loop {
            let page = read::page(&self.database, self.id, &self.filter, &self.walk).await?;
            if let (true, Some(next)) = (page.items.is_empty(), page.next) {
                self.walk.after = Some(next);
                continue;
            }
            let mut text = String::with_capacity(page.items.len() * 200);
            for item in &page.items {
                if self.is_csv {
                    csv::row(&mut text, item);
                } else {
                    text.push_str(&serde_json::to_string(item).map_err(Failure::internal)?);
                    text.push('\n');
                }
            }
            return Ok((text.into(), page.next));
        }
    }
}
