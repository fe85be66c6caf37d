//! One HTTP/1.1 connection that is kept open, as a browser keeps it: a request goes out, its answer is read whole.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An open connection.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// What matters of an answer.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// The visitor's cookie (`ud_vid=…`), if it sets one.
    pub cookie: Option<String>,
    /// Its body.
    pub body: Vec<u8>,
}

impl Connection {
    /// Opens a connection.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("no connection to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(32 * 1024) })
    }

    /// Sends `request`, a whole message, and reads the answer, which has to name its length.
    pub async fn ask(&mut self, request: &[u8]) -> Result<Answer> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head = loop {
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            self.read_more().await?;
        };
        let text = String::from_utf8_lossy(&self.buffer[..head]).into_owned();
        let status = text.get(9..12).and_then(|code| code.parse().ok()).context("the answer has no status")?;
        let length: usize = match header(&text, "content-length") {
            Some(length) => length.parse().context("content-length is no number")?,
            None if header(&text, "transfer-encoding").is_some() => bail!("the answer does not name its length"),
            None => 0,
        };
        while self.buffer.len() < head + length {
            self.read_more().await?;
        }
        let cookie = header(&text, "set-cookie").filter(|line| line.starts_with("ud_vid="));
        let cookie = cookie.and_then(|line| line.split(';').next()).map(str::to_owned);
        Ok(Answer { status, cookie, body: self.buffer[head..].to_vec() })
    }

    async fn read_more(&mut self) -> Result<()> {
        let read = self.stream.read_buf(&mut self.buffer).await?;
        if read == 0 {
            bail!("the connection was closed before the answer was whole");
        }
        Ok(())
    }
}

/// Sends `request`, a whole message that asks for the connection to be closed, and reads the answer, of any length, without
/// keeping it. Returns how many bytes came. A body that broke off is an error.
pub async fn download(address: SocketAddr, request: &[u8]) -> Result<u64> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request).await?;
    let (mut piece, mut head, mut tail, mut bytes) = (vec![0; 256 * 1024], Vec::new(), Vec::new(), 0);
    loop {
        let read = stream.read(&mut piece).await?;
        if read == 0 {
            break;
        }
        bytes += read as u64;
        if head.len() < 4096 {
            head.extend_from_slice(&piece[..read]);
        }
        tail.extend_from_slice(&piece[..read]);
        tail.drain(..tail.len().saturating_sub(5));
    }
    let text = String::from_utf8_lossy(&head);
    if text.get(9..12) != Some("200") {
        bail!("{}", text.lines().last().unwrap_or_default());
    }
    let end = text.find("\r\n\r\n").context("the answer has no end of its headers")?;
    let is_whole = match header(&text[..end], "content-length") {
        Some(length) => length.parse::<u64>()? + end as u64 + 4 == bytes,
        None => tail == b"0\r\n\r\n",
    };
    if !is_whole {
        bail!("the answer broke off after {bytes} bytes");
    }
    Ok(bytes)
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then_some(value.trim())
    })
}
