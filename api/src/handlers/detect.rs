//! What a value is.

use actix_web::{get, post, web};
use aggregator_entities::domain::{CustomKinds, KindName};
use aggregator_openapi::detect::MAX_VALUES;
use aggregator_openapi::{
    DetectParameters, DetectRequest, DetectedValue, DetectedValues, Detection, Problem, ProblemId,
};

use crate::State;
use crate::failure::Failure;
use crate::input::{Json, NoParameters, Query};
use crate::kinds::named;

aggregator_openapi::problems! {
    /// What can go wrong with one value.
    pub(crate) DetectValueProblems:
}

/// Detect one value
///
/// Trims, refangs and normalises the value and tells what kind of indicator it is. What no built-in kind claims is tried as each
/// of the custom ones. Asks no source and stores nothing. A value that is no indicator is an answer (`rejected`), not a problem.
#[utoipa::path(
    tag = "indicators",
    params(DetectParameters),
    responses((status = 200, description = "What the value is.", body = DetectedValue), DetectValueProblems),
)]
#[get("")]
pub(crate) async fn detect_value(
    Query(parameters): Query<DetectParameters>,
    state: web::Data<State>,
) -> Result<web::Json<DetectedValue>, Failure> {
    let DetectParameters { value, kind } = parameters;
    let kinds = state.kinds();
    let kind = kind.map(|kind| named(&kinds, &kind)).transpose();
    let kind = kind.map_err(|detail| Failure::new(ProblemId::InvalidParameter, detail))?;
    Ok(web::Json(detected(value, kind.as_ref(), &kinds)))
}

aggregator_openapi::problems! {
    /// What can go wrong with many values.
    pub(crate) DetectValuesProblems:
        InvalidBody, BodyTimeout, BodyTooLarge, TooManyIndicators, UnsupportedMediaType, OriginNotAllowed
}

/// Detect many values
///
/// The same for up to 1,000 values, each on its own, answered in their order. A value that is no indicator does not
/// disturb the others.
#[utoipa::path(
    tag = "indicators",
    request_body(content = DetectRequest, description = "The values."),
    responses((status = 200, description = "What each value is.", body = DetectedValues), DetectValuesProblems),
)]
#[post("")]
pub(crate) async fn detect_values(
    _: Query<NoParameters>,
    Json(DetectRequest { values, kind }): Json<DetectRequest>,
    state: web::Data<State>,
) -> Result<web::Json<DetectedValues>, Failure> {
    match values.len() {
        0 => Err(Failure::new(ProblemId::InvalidBody, "`values` is empty; send at least one")),
        count if count > MAX_VALUES => {
            let detail = format!("{count} values were sent; one request takes {MAX_VALUES}");
            Err(Problem::new(ProblemId::TooManyIndicators, detail).limit(MAX_VALUES as u64).into())
        }
        _ => {
            let kinds = state.kinds();
            let kind = kind.map(|kind| named(&kinds, &kind)).transpose();
            let kind = kind.map_err(|detail| Failure::new(ProblemId::InvalidBody, detail))?;
            // A thousand values under custom patterns take longer than other requests of this thread should wait.
            let detect =
                move || values.into_iter().map(|value| detected(value, kind.as_ref(), &kinds)).collect();
            let detections = web::block(detect).await.map_err(Failure::internal)?;
            Ok(web::Json(DetectedValues { detections }))
        }
    }
}

fn detected(input: String, kind: Option<&KindName>, kinds: &CustomKinds) -> DetectedValue {
    let detection = match kind {
        None => kinds.detect(&input).into(),
        Some(kind) => match kinds.parse_as(kind, &input) {
            Ok(parsed) => Detection::Detected { indicator: parsed.into() },
            Err(reject) => reject.into(),
        },
    };
    DetectedValue { input, detection }
}
