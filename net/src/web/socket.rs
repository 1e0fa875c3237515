//! A WebSocket as a stream of bytes: what the messages hold, one after the other.
//!
//! A message is one line of the native protocol or several; its end ends a line. What is pending goes out in one message,
//! cut after a line. The peer's answers to our pings come in as empty lines, which say nothing and show that it lives: a
//! browser that runs a hidden page's timers once a minute answers them all the same.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::{Sink, Stream};
use hyper::body::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use super::{FRAME_BYTES, MESSAGE_BYTES_MAX};

/// A WebSocket that was agreed on.
pub(crate) struct Socket<S> {
    frames: WebSocketStream<S>,
    /// What is left of the last message, and whether a line's end is owed after it.
    message: Bytes,
    unended: bool,
    /// Something may not have reached the stream.
    unflushed: bool,
    /// Nothing more comes.
    finished: bool,
    beat: Interval,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Socket<S> {
    /// A WebSocket on a stream of which `read` was read already, with a ping so often.
    pub(crate) async fn new(stream: S, read: Bytes, heartbeat: Duration) -> Self {
        let config = WebSocketConfig::default()
            .max_message_size(Some(MESSAGE_BYTES_MAX))
            .max_frame_size(Some(MESSAGE_BYTES_MAX));
        let frames = WebSocketStream::from_partially_read(stream, read.into(), Role::Server, Some(config)).await;
        let mut beat = interval(heartbeat);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { frames, message: Bytes::new(), unended: false, unflushed: false, finished: false, beat }
    }

    /// Takes the next message; false at the end.
    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        while self.beat.poll_tick(cx).is_ready() {
            // A peer that takes nothing needs no more pings.
            if self.poll_flush_frames(cx)?.is_ready() {
                self.send(Message::Ping(Bytes::new()))?;
                let _tried = self.poll_flush_frames(cx)?;
            }
        }
        let message = match ready!(Pin::new(&mut self.frames).poll_next(cx)) {
            None => None,
            Some(Ok(message)) => Some(message),
            Some(Err(Error::ConnectionClosed | Error::AlreadyClosed)) => None,
            Some(Err(Error::Capacity(_))) => {
                let why = format!("a message has at most {MESSAGE_BYTES_MAX} bytes");
                return Poll::Ready(self.refuse(cx, CloseCode::Size, why).map(|()| false));
            }
            Some(Err(error)) => return Poll::Ready(Err(broken(error))),
        };
        match message {
            Some(Message::Text(text)) => {
                self.unended = !text.ends_with('\n');
                self.message = text.into();
            }
            Some(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => self.unended = true,
            Some(Message::Binary(_)) => {
                let why = "the native protocol goes in text messages";
                return Poll::Ready(self.refuse(cx, CloseCode::Unsupported, why.into()).map(|()| false));
            }
            None | Some(Message::Close(_)) => return Poll::Ready(Ok(false)),
        }
        Poll::Ready(Ok(true))
    }

    /// Says why nothing more is read.
    fn refuse(&mut self, cx: &mut Context<'_>, code: CloseCode, why: String) -> io::Result<()> {
        self.send(Message::Close(Some(CloseFrame { code, reason: Utf8Bytes::from(why) })))?;
        let _tried = self.poll_flush_frames(cx)?;
        Ok(())
    }

    /// Hands over a message, to be flushed.
    fn send(&mut self, message: Message) -> io::Result<()> {
        self.unflushed = true;
        match Pin::new(&mut self.frames).start_send(message) {
            Ok(()) | Err(Error::ConnectionClosed) => Ok(()),
            Err(error) => Err(broken(error)),
        }
    }

    fn poll_flush_frames(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.unflushed {
            match ready!(Pin::new(&mut self.frames).poll_flush(cx)) {
                Ok(()) | Err(Error::ConnectionClosed) => self.unflushed = false,
                Err(error) => return Poll::Ready(Err(broken(error))),
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Socket<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            if !self.message.is_empty() {
                let len = self.message.len().min(buffer.remaining());
                buffer.put_slice(&self.message.split_to(len));
                return Poll::Ready(Ok(()));
            }
            if self.unended {
                self.unended = false;
                buffer.put_slice(b"\n");
                return Poll::Ready(Ok(()));
            }
            if self.finished {
                return Poll::Ready(Ok(()));
            }
            self.finished = !ready!(self.poll_message(cx))?;
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Socket<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    /// Takes what makes one message. It takes nothing before the last one has gone out, so that a peer that reads slowly
    /// costs one message.
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_flush_frames(cx))?;
        let bytes = one_message(slices);
        let len = bytes.len();
        let text = Utf8Bytes::try_from(bytes).map_err(io::Error::other)?;
        self.send(Message::Text(text))?;
        let _tried = self.poll_flush_frames(cx)?;
        Poll::Ready(Ok(len))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush_frames(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match ready!(Pin::new(&mut self.frames).poll_close(cx)) {
            Ok(()) | Err(Error::ConnectionClosed | Error::AlreadyClosed) => Poll::Ready(Ok(())),
            Err(error) => Poll::Ready(Err(broken(error))),
        }
    }
}

/// What goes into one message: whole lines, as many as there are, up to about [`FRAME_BYTES`].
fn one_message(slices: &[IoSlice<'_>]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(slices.iter().map(|slice| slice.len()).sum::<usize>().min(FRAME_BYTES));
    for slice in slices {
        bytes.extend_from_slice(slice);
        if bytes.len() < FRAME_BYTES {
            continue;
        }
        let is_end = |byte: &u8| *byte == b'\n';
        let within = bytes[..FRAME_BYTES].iter().rposition(is_end);
        if let Some(end) = within.or_else(|| bytes.iter().position(is_end)) {
            bytes.truncate(end + 1);
            break;
        }
    }
    bytes
}

fn broken(error: Error) -> io::Error {
    if let Error::Io(error) = error { error } else { io::Error::new(io::ErrorKind::InvalidData, error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(pieces: &[&[u8]]) -> usize {
        one_message(&pieces.iter().map(|piece| IoSlice::new(piece)).collect::<Vec<_>>()).len()
    }

    #[test]
    fn a_message_is_whole_lines() {
        assert_eq!(cut(&[b"{}\n", b"{}\n{}\n"]), 9);
        let line = [vec![b'a'; 999], vec![b'\n']].concat();
        let run = line.repeat(100);
        assert_eq!(cut(&[&run]), FRAME_BYTES / 1_000 * 1_000);
        assert_eq!(cut(&[&line, &run, &line]), FRAME_BYTES / 1_000 * 1_000);
        let long = [vec![b'a'; 2 * FRAME_BYTES], vec![b'\n']].concat();
        assert_eq!(cut(&[&long, &line]), long.len());
        assert_eq!(cut(&[&line, &long]), line.len());
    }
}
