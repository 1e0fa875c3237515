//! A connection that speaks HTTP, until it ends or becomes a WebSocket.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use causerie_core::protocol::Room;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::handshake::server::create_response;

use super::hub::Hub;
use super::past::{Asked, past};
use crate::log::Log;
use crate::web::answers::{Whole, answer, bare, plain};
use crate::web::hosts::{Stranger, check_host, check_origin};
use crate::web::rewind::Rewind;
use crate::web::socket::Socket;
use crate::web::{HEAD_BYTES_MAX, HEAD_FIELDS_MAX};

/// Answers what is asked on a connection, of which `first` was read already. Gives the WebSocket, if it becomes one.
pub(super) async fn serve<S, L>(hub: &Rc<RefCell<Hub<L>>>, stream: S, first: Vec<u8>) -> Option<Socket<Rewind<S>>>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
    L: Log + 'static,
{
    let _place = hub.borrow().web.take_place()?;
    let limits = hub.borrow().web.site.limits;
    let became_socket = Rc::new(Cell::new(false));
    let service = service_fn(|request| {
        let (hub, became_socket) = (hub.clone(), became_socket.clone());
        Box::pin(async move { Ok::<_, Infallible>(respond(&hub, &request, &became_socket).await) })
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(Duration::from_millis(limits.head_ms));
    http.max_buf_size(HEAD_BYTES_MAX).max_headers(HEAD_FIELDS_MAX);
    http.auto_date_header(false); // Nothing of ours is kept, so nobody asks how old it is; and clocks are read elsewhere.
    let mut connection = http.serve_connection(TokioIo::new(Rewind::new(first, stream)), service);
    let flush = Duration::from_millis(hub.borrow().limits().close_flush_ms);
    let stopped = hub.borrow().web.stopped();
    let served = async {
        tokio::select! {
            biased;
            served = poll_fn(|cx| connection.poll_without_shutdown(cx)) => return Some(served),
            () = stopped => {}
        }
        Pin::new(&mut connection).graceful_shutdown();
        timeout(flush, poll_fn(|cx| connection.poll_without_shutdown(cx))).await.ok()
    };
    match timeout(Duration::from_millis(limits.connection_ms), served).await.ok().flatten()? {
        Ok(()) => {}
        Err(error) => tracing::debug!(%error, "a browser's connection broke"),
    }
    let parts = connection.into_parts();
    let stream = parts.io.into_inner();
    if became_socket.get() {
        let heartbeat = Duration::from_millis(hub.borrow().limits().heartbeat_ms);
        return Some(Socket::new(stream, parts.read_buf, heartbeat).await);
    }
    // Out of time, it is closed all the same.
    drop(timeout(flush, drained(stream)).await);
    None
}

async fn respond<L: Log>(
    hub: &RefCell<Hub<L>>,
    request: &Request<Incoming>,
    became_socket: &Cell<bool>,
) -> Response<Whole> {
    let meant = {
        let hub = hub.borrow();
        check_host(request.headers(), &hub.web.site, &hub.web.listening)
    };
    if let Err(stranger) = meant {
        return refuse(&stranger);
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "this server is asked with GET, and talked to at /ws");
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    match request.uri().path() {
        "/ws" => upgrade(request, became_socket),
        "/healthz" if hub.borrow().is_storing() => plain(StatusCode::OK, "ok"),
        "/healthz" => plain(StatusCode::SERVICE_UNAVAILABLE, "not storing: restart the server once its disk is mended"),
        "/log.txt" => log_text(hub, request.uri().query().unwrap_or_default()).await,
        path => {
            let hub = hub.borrow();
            match hub.web.site.files.iter().find(|file| file.path == path) {
                Some(file) => answer(StatusCode::OK, file.kind, Bytes::from_static(file.text.as_bytes())),
                None => plain(StatusCode::NOT_FOUND, NOT_FOUND),
            }
        }
    }
}

fn refuse(stranger: &Stranger) -> Response<Whole> {
    let status = match stranger {
        Stranger::NoHost => StatusCode::BAD_REQUEST,
        Stranger::Host(_) => StatusCode::MISDIRECTED_REQUEST,
        Stranger::Origin => StatusCode::FORBIDDEN,
    };
    plain(status, stranger.to_string())
}

fn upgrade(request: &Request<Incoming>, became_socket: &Cell<bool>) -> Response<Whole> {
    if let Err(stranger) = check_origin(request.headers()) {
        return refuse(&stranger);
    }
    let mut head = Request::new(());
    *head.method_mut() = request.method().clone();
    *head.uri_mut() = request.uri().clone();
    *head.version_mut() = request.version();
    head.headers_mut().clone_from(request.headers());
    match create_response(&head) {
        Ok(response) => {
            became_socket.set(true);
            bare(response)
        }
        Err(error) => {
            let mut response =
                plain(StatusCode::UPGRADE_REQUIRED, format!("a WebSocket of the native protocol is here: {error}"));
            response.headers_mut().insert(hyper::header::UPGRADE, HeaderValue::from_static("websocket"));
            response
        }
    }
}

async fn log_text<L: Log>(hub: &RefCell<Hub<L>>, query: &str) -> Response<Whole> {
    let asked = match Asked::try_from(query) {
        Ok(asked) => asked,
        Err(why) => return plain(StatusCode::BAD_REQUEST, format!("{why}; like this: /log.txt?room=lobby&before=120")),
    };
    if hub.borrow().server().asks_password() {
        return plain(StatusCode::FORBIDDEN, "this server asks for a password: what was said is read in the chat");
    }
    let sealed = hub.borrow().server().chat().sealed(asked.room());
    let query = asked.query(sealed, &hub.borrow().web.site.limits);
    let Some(reading) = hub.borrow_mut().look_up(query) else {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "others are reading; try again in a moment");
    };
    let Ok(Some(mut found)) = reading.await else {
        return plain(StatusCode::INTERNAL_SERVER_ERROR, "this page of history cannot be read");
    };
    let hub = hub.borrow();
    let chat = hub.server().chat();
    if !chat.is_public(asked.room()) {
        (found.entries, found.more) = (Vec::new(), false); // Nor does it show that the room is there.
    }
    let sealed = chat.sealed(asked.room()); // By now.
    found.entries.retain(|entry| entry.seq > sealed);
    let rooms: Vec<Room> = chat.rooms().map(|(room, _, _)| room.clone()).filter(|room| chat.is_public(room)).collect();
    plain(StatusCode::OK, past(&asked, &found, &rooms, hub.web.site.utc_offset_s))
}

/// Says nothing more, and waits until the peer does not either: closing a socket with unread bytes resets it, and the peer
/// would lose the answer.
async fn drained<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S) {
    let mut scratch = [0; 1_024];
    if poll_fn(|cx| Pin::new(&mut stream).poll_shutdown(cx)).await.is_err() {
        return;
    }
    loop {
        let mut buffer = ReadBuf::new(&mut scratch);
        match poll_fn(|cx| Pin::new(&mut stream).poll_read(cx, &mut buffer)).await {
            Ok(()) if !buffer.filled().is_empty() => {}
            Ok(()) | Err(_) => return,
        }
    }
}

const NOT_FOUND: &str = "\
there is nothing here. There is:
  /         the chat, for browsers
  /ws       a WebSocket of the native protocol
  /log.txt  what was said, as text; ?room=NAME&before=NUMBER goes elsewhere and further back
  /healthz  whether the server takes messages";
