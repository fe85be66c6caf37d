//! From a writer on a thread of its own into the body of an answer: in pieces, of which few wait at a time.

use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::Frame;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::SendError;

use super::Broken;

/// A piece of the body, about.
const PIECE: usize = 64 * 1024;
/// So many pieces wait for the asker.
const WAITING: usize = 4;
/// An asker who takes nothing for so long is taken to be gone.
const PATIENCE: Duration = Duration::from_mins(1);

/// The writer's end.
pub struct Pipe {
    sender: mpsc::Sender<Part>,
    runtime: Handle,
    piece: Vec<u8>,
}

enum Part {
    Piece(Bytes),
    /// Without it the file is not whole, whatever became of its writer.
    End,
}

/// The asker's end.
struct Flow {
    parts: mpsc::Receiver<Part>,
    is_over: bool,
}

/// A body that `work` writes, on a thread for what blocks. When the work fails the body breaks off, so that nobody takes
/// half a file for a whole one; why is logged here, and only if it is ours.
pub fn body(work: impl FnOnce(&mut Pipe) -> Result<(), Broken> + Send + 'static) -> Body {
    let (sender, parts) = mpsc::channel(WAITING);
    let mut pipe = Pipe { sender, runtime: Handle::current(), piece: Vec::with_capacity(PIECE) };
    tokio::task::spawn_blocking(move || {
        let done = work(&mut pipe).and_then(|()| Ok(pipe.flush()?)).and_then(|()| Ok(pipe.send(Part::End)?));
        match done {
            Ok(()) | Err(Broken::Gone) => {}
            Err(error) => tracing::error!(%error, "an export broke off"),
        }
    });
    Body::new(Flow { parts, is_over: false })
}

impl Pipe {
    fn send(&self, part: Part) -> io::Result<()> {
        let sent = self.runtime.block_on(async { tokio::time::timeout(PATIENCE, self.sender.send(part)).await });
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(SendError(_))) => Err(io::Error::new(io::ErrorKind::BrokenPipe, "the asker is gone")),
            Err(_) => Err(io::Error::new(io::ErrorKind::BrokenPipe, "the asker takes nothing")),
        }
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE));
        self.send(Part::Piece(piece.into()))
    }
}

impl HttpBody for Flow {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        Poll::Ready(match ready!(self.parts.poll_recv(cx)) {
            Some(Part::Piece(piece)) => Some(Ok(Frame::data(piece))),
            Some(Part::End) => {
                self.is_over = true;
                None
            }
            None => {
                self.is_over = true;
                Some(Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file broke off")))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc as blocking;

    use axum::body::to_bytes;
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn what_is_written_arrives_whole() {
        let body = body(|pipe| {
            for place in 0..50_000 {
                writeln!(pipe, "{place}")?;
            }
            Ok(())
        });
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        assert!(bytes.len() > 4 * PIECE);
        let lines = std::str::from_utf8(&bytes).unwrap().lines().map(|line| line.parse::<u32>().unwrap());
        assert!(lines.eq(0..50_000));
    }

    #[tokio::test]
    async fn a_file_that_is_not_finished_breaks_off() {
        let fails = body(|pipe| {
            pipe.write_all(b"half of it")?;
            pipe.flush()?;
            Err(Broken::Io(io::Error::other("disk")))
        });
        assert!(to_bytes(fails, usize::MAX).await.is_err());
        let panics = body(|pipe| {
            pipe.write_all(b"half of it")?;
            pipe.flush()?;
            panic!("a bug");
        });
        assert!(to_bytes(panics, usize::MAX).await.is_err());
    }

    #[tokio::test]
    async fn fault_f5_the_writer_waits_for_its_asker_and_ends_without_one() {
        let (told, heard) = blocking::channel();
        let mut body = body(move |pipe| {
            let (mut pieces, piece) = (0, vec![b'x'; PIECE]);
            let end = loop {
                match pipe.write_all(&piece) {
                    Ok(()) => pieces += 1,
                    Err(error) => break error,
                }
            };
            told.send((pieces, end.kind())).map_err(|_| Broken::Gone)?;
            Err(end.into())
        });
        let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(first.len(), PIECE);
        tokio::time::sleep(Duration::from_millis(100)).await;
        drop(body);
        let (pieces, end) = tokio::task::spawn_blocking(move || heard.recv().unwrap()).await.unwrap();
        assert!(pieces <= WAITING + 1, "{pieces} pieces were written for one that was read");
        assert_eq!(end, io::ErrorKind::BrokenPipe);
    }
}
