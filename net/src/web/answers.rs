//! What is answered, and the fields that keep a browser from being misused.

use std::convert::Infallible;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

/// All of an answer's body at once.
pub(crate) struct Whole(Bytes);

impl Body for Whole {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let bytes = mem::take(&mut self.0);
        Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.len() as u64)
    }
}

/// An answer without a body, as the WebSocket's library made it.
pub(crate) fn bare(response: Response<()>) -> Response<Whole> {
    response.map(|()| Whole(Bytes::new()))
}

/// An answer in plain words.
pub(crate) fn plain(status: StatusCode, text: impl Into<String>) -> Response<Whole> {
    let mut text = text.into();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    answer(status, "text/plain; charset=utf-8", Bytes::from(text))
}

/// An answer with the fields that all have.
pub(crate) fn answer(status: StatusCode, kind: &'static str, body: Bytes) -> Response<Whole> {
    let mut response = Response::new(Whole(body));
    *response.status_mut() = status;
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    for (name, value) in FIELDS {
        fields.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

/// The page runs its own files and talks to its own server, nothing else: no inline script, no other site, no frame.
const FIELDS: &[(&str, &str)] = &[
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    ("cache-control", "no-store"),
];
