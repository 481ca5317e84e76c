//! Settings that are changed on a running system: list, get, replace, reset.

use std::sync::Arc;

use actix_web::{HttpResponse, delete, get, put, web};
use aggregator_entities::clock::rfc3339;
use aggregator_entities::repositories::listing::Revision;
use aggregator_entities::repositories::settings::{self as rows, StoredSetting};
use aggregator_openapi::{
    ProblemId, ReplaceSetting, Setting, SettingList, SettingOrigin, SettingType, SettingValue,
};
use aggregator_platform::settings::{Changeable, InForce, Origin, SettingKind, is_known};
use aggregator_queue::Topic;
use serde::Deserialize;
use serde_json::Value;

use crate::failure::Failure;
use crate::input::{IfMatch, Json, KeyPath, NoParameters, Query, stale, tagged, wrong};
use crate::{State, settings};

aggregator_openapi::problems! {
    /// What can go wrong with listing settings.
    pub(crate) ListSettingsProblems: NotReady, DiskFull
}

/// List settings
///
/// Those that can be changed on a running system, with what they are and where that comes from. All others are read from file and
/// environment when a process starts.
#[utoipa::path(
    tag = "operations",
    responses((status = 200, description = "The settings.", body = SettingList), ListSettingsProblems),
)]
#[get("")]
pub(crate) async fn list_settings(
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<web::Json<SettingList>, Failure> {
    let (in_force, stored) = settings::read(&state).await?;
    let shown = in_force.changeable.iter().map(|setting| shown(setting, row(&stored, setting.key)));
    Ok(web::Json(SettingList { settings: shown.collect::<Result<_, _>>()? }))
}

aggregator_openapi::problems! {
    /// What can go wrong with reading one setting.
    pub(crate) GetSettingProblems: NotFound, NotReady, DiskFull
}

/// Get a setting
///
/// What it is, what it takes, and where its value comes from.
#[utoipa::path(
    tag = "operations",
    params(("key" = String, Path, description = "Key of the setting.", example = "egress.deny_hosts")),
    responses(
        (status = 200, description = "The setting.", body = Setting, headers(("ETag" = String, description = "Its state, for If-Match."))),
        GetSettingProblems,
    ),
)]
#[get("/{key}")]
pub(crate) async fn get_setting(
    KeyPath(key): KeyPath,
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    if is_known(&key) && state.live_settings().now().find(&key).is_none() {
        let detail = format!("`{key}` is read when a process starts; `aggregator settings` prints it");
        return Err(Failure::new(ProblemId::NotFound, detail));
    }
    Read::of(&state, &key).await?.answer()
}

aggregator_openapi::problems! {
    /// What can go wrong with replacing a setting.
    pub(crate) ReplaceSettingProblems:
        InvalidBody, BodyTimeout, BodyTooLarge, UnsupportedMediaType, OriginNotAllowed, NotFound, RestartNeeded,
        PreconditionFailed, PreconditionRequired, NotReady, DiskFull
}

/// Replace a setting
///
/// Its value wins over file and environment, in every process: here at once, in the others as soon as they hear of it, within five
/// seconds at most.
#[utoipa::path(
    tag = "operations",
    params(
        ("key" = String, Path, description = "Key of the setting.", example = "egress.deny_hosts"),
        ("If-Match" = String, Header, description = "The ETag it was read with.", example = json!("\"0.1\"")),
    ),
    request_body(content = ReplaceSetting, description = "What it is from now on."),
    responses(
        (status = 200, description = "It is changed.", body = Setting, headers(("ETag" = String, description = "Its new state."))),
        ReplaceSettingProblems,
    ),
)]
#[put("/{key}")]
pub(crate) async fn replace_setting(
    KeyPath(key): KeyPath,
    _: Query<NoParameters>,
    if_match: IfMatch,
    Json(said): Json<ReplaceSetting>,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    let known = Read::changeable(&state, &key).await?;
    let said = serde_json::to_value(said.value).map_err(Failure::internal)?;
    let value = known
        .setting()?
        .kind
        .normal(&said)
        .map_err(|expected| wrong("value", &format!("is not what `{key}` takes: expected {expected}")))?;
    if_match.admits(known.revision())?;
    if !rows::put(state.database(), &key, known.revision(), &value.to_string()).await? {
        return Err(stale());
    }
    let changed = Read::of(&state, &key).await?;
    state.doorbell().ring(&Topic::Settings);
    changed.answer()
}

aggregator_openapi::problems! {
    /// What can go wrong with resetting a setting.
    pub(crate) DeleteSettingProblems:
        OriginNotAllowed, NotFound, RestartNeeded, PreconditionFailed, PreconditionRequired, NotReady, DiskFull
}

/// Reset a setting
///
/// Takes away what was set here: file, environment or default are in force again.
#[utoipa::path(
    tag = "operations",
    params(
        ("key" = String, Path, description = "Key of the setting.", example = "egress.deny_hosts"),
        ("If-Match" = String, Header, description = "The ETag it was read with.", example = json!("\"0.1\"")),
    ),
    responses((status = 204, description = "It is reset."), DeleteSettingProblems),
)]
#[delete("/{key}")]
pub(crate) async fn delete_setting(
    KeyPath(key): KeyPath,
    _: Query<NoParameters>,
    if_match: IfMatch,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    let known = Read::changeable(&state, &key).await?;
    if_match.admits(known.revision())?;
    if !rows::reset(state.database(), &key, known.revision()).await? {
        return Err(stale());
    }
    settings::read(&state).await?;
    state.doorbell().ring(&Topic::Settings);
    Ok(HttpResponse::NoContent().finish())
}

/// One setting as it is stored and in force now.
struct Read {
    key: String,
    in_force: Arc<InForce>,
    stored: Option<StoredSetting>,
}

impl Read {
    /// One that can be changed.
    async fn of(state: &State, key: &str) -> Result<Self, Failure> {
        let (in_force, stored) = settings::read(state).await?;
        if in_force.find(key).is_none() {
            let detail = "there is no such setting; GET /api/v1/settings lists those that can be changed";
            return Err(Failure::new(ProblemId::NotFound, detail));
        }
        let stored = stored.into_iter().find(|stored| stored.key == key);
        Ok(Self { key: key.to_owned(), in_force, stored })
    }

    /// The same, for whoever changes it: of one that takes a restart, that is said.
    async fn changeable(state: &State, key: &str) -> Result<Self, Failure> {
        if is_known(key) && state.live_settings().now().find(key).is_none() {
            let detail = format!("`{key}` is read when a process starts");
            return Err(Failure::new(ProblemId::RestartNeeded, detail));
        }
        Self::of(state, key).await
    }

    fn setting(&self) -> Result<&Changeable, Failure> {
        self.in_force.find(&self.key).ok_or_else(|| Failure::internal("a setting vanished"))
    }

    fn revision(&self) -> Revision {
        rows::revision(self.stored.as_ref())
    }

    fn answer(&self) -> Result<HttpResponse, Failure> {
        let shown = shown(self.setting()?, self.stored.as_ref())?;
        Ok(tagged(HttpResponse::Ok(), self.revision(), shown))
    }
}

fn row<'a>(stored: &'a [StoredSetting], key: &str) -> Option<&'a StoredSetting> {
    stored.iter().find(|stored| stored.key == key)
}

fn shown(setting: &Changeable, stored: Option<&StoredSetting>) -> Result<Setting, Failure> {
    let value = |value: &Value| SettingValue::deserialize(value).map_err(Failure::internal);
    let (kind, limits) = match setting.kind {
        SettingKind::Integer { least, most } => (SettingType::Integer, Some((least, most))),
        SettingKind::Boolean => (SettingType::Boolean, None),
        SettingKind::HostNames => (SettingType::HostNames, None),
        SettingKind::LogFilter => (SettingType::LogFilter, None),
    };
    Ok(Setting {
        key: setting.key.to_owned(),
        value: value(&setting.value)?,
        default: value(&setting.default)?,
        from: match setting.origin {
            Origin::Default => SettingOrigin::Default,
            Origin::File => SettingOrigin::File,
            Origin::Environment => SettingOrigin::Environment,
            Origin::Database => SettingOrigin::Database,
        },
        kind,
        minimum: limits.map(|(least, _)| least),
        maximum: limits.map(|(_, most)| most),
        description: setting.description.to_owned(),
        fault: setting.fault.clone(),
        version: stored.map_or(0, |stored| stored.revision),
        updated_at: stored.map(|stored| rfc3339(stored.updated_at)),
    })
}
