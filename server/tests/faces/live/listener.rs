//! Somebody who listens to `/admin-panel/live`.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use http::{HeaderName, HeaderValue};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use utm_dispatcher::model::live::LiveFrame;

use super::PATH;
use crate::world::{OWN_ORIGIN, World};

/// No wait is longer.
const PATIENCE: Duration = Duration::from_secs(10);
/// What a connection holds that nobody reads.
const BUFFER: usize = 8 * 1024;

pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<W: AsyncRead + AsyncWrite + Send + Unpin> Wire for W {}

pub struct Listener(WebSocketStream<Box<dyn Wire>>);

impl Listener {
    /// A page of our own, with that login.
    pub async fn connect(world: &World, login: &str) -> Self {
        Self::try_connect(world, &[("origin", OWN_ORIGIN), ("cookie", login)]).await.unwrap()
    }

    /// The status, when it is refused.
    pub async fn try_connect(world: &World, headers: &[(&str, &str)]) -> Result<Self, u16> {
        Self::over(Box::new(world.dial(BUFFER)), "shop.test", headers).await
    }

    /// Over a wire to a server that calls itself `host`.
    pub async fn over(wire: Box<dyn Wire>, host: &str, headers: &[(&str, &str)]) -> Result<Self, u16> {
        let mut request = format!("ws://{host}{PATH}").into_client_request().unwrap();
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            request.headers_mut().append(name, HeaderValue::from_str(value).unwrap());
        }
        match timeout(PATIENCE, tokio_tungstenite::client_async(request, wire)).await.unwrap() {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// The next frame.
    pub async fn frame(&mut self) -> LiveFrame {
        loop {
            match timeout(PATIENCE, self.0.next()).await.expect("a frame comes").unwrap().unwrap() {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Ping(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// The next frame that is so.
    pub async fn frame_with(&mut self, is_so: impl Fn(&LiveFrame) -> bool) -> LiveFrame {
        let until = async {
            loop {
                let frame = self.frame().await;
                if is_so(&frame) {
                    return frame;
                }
            }
        };
        timeout(PATIENCE, until).await.expect("such a frame comes")
    }

    pub async fn say(&mut self, text: &str) {
        self.0.send(Message::Text(text.into())).await.unwrap();
    }

    /// Waits for the end; the code with which the server ends it.
    pub async fn end(&mut self) -> Option<u16> {
        loop {
            match timeout(PATIENCE, self.0.next()).await.expect("it ends") {
                Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }
}
