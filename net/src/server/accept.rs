//! Takes connections, and keeps its head when there can be no more.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::sleep;

use super::Takes;
use crate::transport::Transport;

/// A connection nobody knows of yet.
pub(super) struct Accepted<S> {
    pub(super) stream: S,
    pub(super) peer: SocketAddr,
    pub(super) takes: Takes,
}

/// Takes every connection that arrives and hands it on. If one cannot be had for want of descriptors or memory, it pauses,
/// longer each time: the connections it has go on, and those that wait are taken once there is room.
pub(super) async fn accept_all<T: Transport>(
    transport: Rc<T>,
    listener: T::Listener,
    takes: Takes,
    accepted: mpsc::Sender<Accepted<T::Stream>>,
) {
    let mut pause = PAUSE_FIRST;
    loop {
        match transport.accept(&listener).await {
            Ok((stream, peer)) => {
                pause = PAUSE_FIRST;
                if accepted.send(Accepted { stream, peer, takes }).await.is_err() {
                    return; // Nobody serves any more.
                }
            }
            Err(error) if is_that_connections_own(&error) => {
                tracing::debug!(%error, "a connection went before it came")
            }
            Err(error) => {
                tracing::warn!(%error, "no connection can be taken; trying again in {} ms", pause.as_millis());
                sleep(pause).await;
                pause = (pause * 2).min(PAUSE_MAX);
            }
        }
    }
}

fn is_that_connections_own(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    [ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted].contains(&error.kind())
}

/// The first pause after a connection could not be taken, and the longest; each is twice the one before.
const PAUSE_FIRST: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(1);
