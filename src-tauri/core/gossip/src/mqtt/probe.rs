//! Whether there is a broker, without a session.
//!
//! Not here: which one is asked, and what follows.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use uuid::Uuid;

/// How long a connection on this machine may take before it counts as absent.
const PROBE: Duration = Duration::from_secs(1);
/// How long a broker on this machine may take to let us in before it counts as none.
const ANSWER: Duration = Duration::from_secs(3);

/// Whether anybody accepts connections at `host` and `port`, both on this machine.
pub(crate) async fn listens(host: &str, port: u16) -> bool {
    matches!(timeout(PROBE, TcpStream::connect((host, port))).await, Ok(Ok(_)))
}

/// Whether a broker does: somebody who answers an introduction as MQTT has it, if only to refuse it.
pub(crate) async fn answers(host: &str, port: u16) -> bool {
    matches!(timeout(ANSWER, introduce(host, port)).await, Ok(Ok(true)))
}

async fn introduce(host: &str, port: u16) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect((host, port)).await?;
    let id = Uuid::new_v4().simple().to_string();
    // MQTT 3.1.1, a clean session, and ten seconds of silence at the most.
    let mut rest = vec![0, 4, b'M', b'Q', b'T', b'T', 4, 2, 0, 10, 0];
    rest.push(u8::try_from(id.len()).unwrap_or_default());
    rest.extend(id.as_bytes());
    let mut packet = vec![0x10, u8::try_from(rest.len()).unwrap_or_default()];
    packet.extend(rest);
    stream.write_all(&packet).await?;
    let mut answer = [0; 4];
    stream.read_exact(&mut answer).await?;
    // It need not know that we go; it will see.
    let _ = stream.write_all(&[0xe0, 0]).await;
    Ok(matches!(answer, [0x20, 2, 0 | 1, 0..=5]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::trial::{Mosquitto, free_port, has_mosquitto};

    #[tokio::test]
    async fn only_who_speaks_mqtt_is_a_broker_and_one_that_refuses_us_is_one() {
        let other = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = other.local_addr().unwrap().port();
        let http = async {
            let (mut stream, _) = other.accept().await.unwrap();
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        };
        assert!(!tokio::join!(answers("127.0.0.1", port), http).0);
        drop(other);
        assert!(!answers("127.0.0.1", port).await && !listens("127.0.0.1", port).await);
        if has_mosquitto() {
            let directory = tempfile::tempdir().unwrap();
            let open = Mosquitto::open(directory.path()).await;
            assert!(answers("127.0.0.1", open.port).await);
            let strict = Mosquitto::with(directory.path(), free_port(), "allow_anonymous false\n").await;
            assert!(answers("127.0.0.1", strict.port).await);
        }
    }
}
