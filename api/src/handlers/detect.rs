//! What a value is.

use actix_web::{get, post, web};
use aggregator_entities::domain;
use aggregator_openapi::detect::MAX_VALUES;
use aggregator_openapi::{
    DetectParameters, DetectRequest, DetectedValue, DetectedValues, Detection, Kind, Problem, ProblemId,
};

use crate::failure::Failure;
use crate::input::{Json, NoParameters, Query};

aggregator_openapi::problems! {
    /// What can go wrong with one value.
    pub(crate) DetectValueProblems:
}

/// Detect one value
///
/// Trims, refangs and normalises the value and tells what kind of indicator it is. Asks no source and stores nothing. A
/// value that is no indicator is an answer (`rejected`), not a problem.
#[utoipa::path(
    tag = "indicators",
    params(DetectParameters),
    responses((status = 200, description = "What the value is.", body = DetectedValue), DetectValueProblems),
)]
#[get("")]
pub(crate) async fn detect_value(Query(parameters): Query<DetectParameters>) -> web::Json<DetectedValue> {
    let DetectParameters { value, kind } = parameters;
    web::Json(detected(value, kind))
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
) -> Result<web::Json<DetectedValues>, Failure> {
    match values.len() {
        0 => Err(Failure::new(ProblemId::InvalidBody, "`values` is empty; send at least one")),
        count if count > MAX_VALUES => {
            let detail = format!("{count} values were sent; one request takes {MAX_VALUES}");
            Err(Problem::new(ProblemId::TooManyIndicators, detail).limit(MAX_VALUES as u64).into())
        }
        _ => {
            let detections = values.into_iter().map(|value| detected(value, kind)).collect();
            Ok(web::Json(DetectedValues { detections }))
        }
    }
}

fn detected(input: String, kind: Option<Kind>) -> DetectedValue {
    let detection = match kind {
        None => domain::detect(&input).into(),
        Some(kind) => match domain::parse_as(kind.into(), &input) {
            Ok(parsed) => Detection::Detected { indicator: parsed.into() },
            Err(reject) => reject.into(),
        },
    };
    DetectedValue { input, detection }
}
