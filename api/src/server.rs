//! From settings to a served port.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::web::Data;
use actix_web::{App, HttpServer, web};
use aggregator_platform::{Settings, Shutdown};
use utoipa_actix_web::AppExt;

use crate::handlers::{docs, document::DocumentText};
use crate::site::Site;
use crate::{State, document, envelope, fallback, gate, routes, settings};

/// How long a client may take for the head of a request, and for reading the end of an early answer.
const CLIENT_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the API does not serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address could be reached by others, and nobody is asked who they are.
    #[error(
        "http.listen = {listen} is not loopback, and nobody is asked who they are yet: listen on 127.0.0.1, or, only \
         inside a container whose port is published on 127.0.0.1, set AGGREGATOR_INSECURE=1"
    )]
    NotLoopback {
        /// The address asked for.
        listen: SocketAddr,
    },
    /// The system refused the address.
    #[error(
        "cannot listen on {listen}: {source}; choose another address with http.listen (AGGREGATOR_HTTP_LISTEN)"
    )]
    Bind {
        /// The address asked for.
        listen: SocketAddr,
        /// The system's answer.
        source: io::Error,
    },
    /// The system failed while serving.
    #[error("serving ended: {0}")]
    Io(#[from] io::Error),
    /// The document could not be written as JSON.
    #[error("the OpenAPI document cannot be written: {0}")]
    Document(#[from] serde_json::Error),
}

/// Takes the configured address. Loopback only, unless `http.insecure` is set; see [`ServeError::NotLoopback`].
pub fn bind(settings: &Settings) -> Result<TcpListener, ServeError> {
    let listen = settings.http.listen;
    if !listen.ip().is_loopback() && !settings.http.insecure {
        return Err(ServeError::NotLoopback { listen });
    }
    TcpListener::bind(listen).map_err(|source| ServeError::Bind { listen, source })
}

/// Serves until the wish to stop, then finishes the requests under way (at most `http.drain_seconds`) and returns.
pub async fn serve(state: State, listener: TcpListener, shutdown: Shutdown) -> Result<(), ServeError> {
    let address = listener.local_addr()?;
    state.keep_kinds(shutdown.clone()).await;
    let followed = state.clone();
    let server = start(state, listener, shutdown)?;
    let following = tokio::spawn(async move { settings::follow(&followed).await });
    tracing::info!(%address, "serving: http://{address}/ (the API's documents: /api/docs)");
    let outcome = server.await;
    following.abort();
    outcome?;
    tracing::info!("the API stopped");
    Ok(())
}

fn start(state: State, listener: TcpListener, shutdown: Shutdown) -> Result<Server, ServeError> {
    let settings = state.settings().http.clone();
    let document = DocumentText::new(document::pretty_json()?);
    let site = Data::new(Site::read(&settings.web_folder)?);
    if !site.is_there() {
        tracing::info!(folder = %settings.web_folder.display(), "no web app is there: the API is served alone");
    }
    let wish = shutdown.clone();
    let mut server =
        HttpServer::new(move || app(state.clone(), (document.clone(), site.clone()), wish.clone()))
            .disable_signals()
            .shutdown_signal(async move { shutdown.requested().await })
            .shutdown_timeout(settings.drain_seconds)
            .client_request_timeout(CLIENT_TIMEOUT)
            .client_disconnect_timeout(CLIENT_TIMEOUT);
    if let Some(threads) = usize::try_from(settings.threads).ok().filter(|threads| *threads > 0) {
        server = server.workers(threads);
    }
    Ok(server.listen(listener)?.run())
}

fn app(
    state: State,
    (document, site): (DocumentText, Data<Site>),
    shutdown: Shutdown,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    let (app, routes) =
        routes::mount(App::new().into_utoipa_app().openapi(document::base())).split_for_parts();
    app.app_data(Data::new(state))
        .app_data(Data::new(document))
        .app_data(Data::new(shutdown))
        .app_data(site)
        .app_data(Data::new(fallback::Methods::of(&routes)))
        .configure(docs::mount)
        .default_service(web::to(fallback::answer))
        .wrap(from_fn(gate::check))
        .wrap(from_fn(envelope::wrap))
}
