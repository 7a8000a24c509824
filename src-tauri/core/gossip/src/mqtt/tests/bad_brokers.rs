//! Brokers that do not behave: what is said, and that the client goes on.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// The answer to the first packet: come in.
const WELCOME: [u8; 4] = [0x20, 2, 0, 0];
/// The answer to the subscription, with its number 1: granted.
const GRANTED: [u8; 5] = [0x90, 3, 0, 1, 0];
const DENIED: [u8; 5] = [0x90, 3, 0, 1, 0x80];

/// A listener and its port.
async fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// The next connection that says something. Those that only look whether somebody listens do not.
async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        if read(&mut stream).await > 0 {
            return stream;
        }
    }
}

async fn read(stream: &mut TcpStream) -> usize {
    // A connection that is torn down has nothing more to say either.
    timeout(PATIENCE, stream.read(&mut [0; 4096])).await.expect("the client is silent").unwrap_or_default()
}

/// Lets the next client in and grants what it asks for.
async fn welcome(listener: &TcpListener) -> TcpStream {
    let mut stream = accept(listener).await;
    stream.write_all(&WELCOME).await.unwrap();
    assert!(read(&mut stream).await > 0, "a subscription");
    stream.write_all(&GRANTED).await.unwrap();
    stream
}

#[tokio::test]
async fn a_subscription_that_is_denied_is_no_session() {
    let (listener, port) = listener().await;
    let mut client = Client::at(port);
    for _ in 0..2 {
        let mut stream = accept(&listener).await;
        stream.write_all(&WELCOME).await.unwrap();
        assert!(read(&mut stream).await > 0, "a subscription");
        stream.write_all(&DENIED).await.unwrap();
        assert_eq!(read(&mut stream).await, 0, "the client goes");
    }
    assert_eq!(client.next().await, Event::Connecting);
    let why = format!("the broker at mqtt://127.0.0.1:{port} does not let us listen to {TOPIC}");
    assert_eq!(client.next().await, Event::Down(why));
    let _stream = welcome(&listener).await;
    assert_eq!(client.next().await, Event::Up);
}

#[tokio::test]
async fn a_network_that_is_cut_is_noticed_by_its_silence() {
    let (listener, port) = listener().await;
    let mut client = Client::at(port);
    let stream = welcome(&listener).await;
    client.up().await;
    // It stays open and answers no more.
    assert_eq!(client.down().await, format!("the broker at mqtt://127.0.0.1:{port} has fallen silent"));
    let _stream = (stream, welcome(&listener).await);
    client.up().await;
}

#[tokio::test]
async fn what_is_no_broker_is_said_to_be_none() {
    let (listener, port) = listener().await;
    let mut client = Client::at(port);
    let no_mqtt = format!("what listens at mqtt://127.0.0.1:{port} does not speak MQTT");
    accept(&listener).await.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
    assert_eq!(client.down().await, no_mqtt);
    drop(accept(&listener).await);
    assert!(client.down().await.contains("hung up"));
}

#[tokio::test]
async fn nothing_that_a_broker_sends_ends_the_client() {
    let (listener, port) = listener().await;
    let mut client = Client::at(port);
    let mut seed = 3_u32;
    let mut random = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        seed.to_be_bytes()[0]
    };
    for turn in 0..40 {
        client.reconnect.try_now();
        let mut stream = accept(&listener).await;
        if turn % 2 == 0 {
            stream.write_all(&WELCOME).await.unwrap();
        }
        let kind = u8::try_from(turn % 16).unwrap() << 4;
        let mut bytes: Vec<u8> = std::iter::repeat_with(&mut random).take(64).collect();
        // One packet of each kind, as long as it says and full of rubbish.
        bytes[0] = kind | random() >> 4;
        bytes[1] = 62;
        // The client may have gone by now.
        let _ = stream.write_all(&bytes).await;
        drop(stream);
        while client.events.try_recv().is_ok() {}
    }
    client.reconnect.try_now();
    let _stream = welcome(&listener).await;
    client.up().await;
}

#[tokio::test]
async fn dropping_the_client_closes_its_connection() {
    let (listener, port) = listener().await;
    let mut client = Client::at(port);
    let mut stream = welcome(&listener).await;
    client.up().await;
    drop(client);
    while read(&mut stream).await > 0 {}
}

#[tokio::test]
async fn the_client_ends_when_nobody_listens_to_it() {
    let (listener, port) = listener().await;
    let mut client = Client::at(port);
    let mut stream = welcome(&listener).await;
    client.up().await;
    client.events.close();
    while read(&mut stream).await > 0 {}
    timeout(PATIENCE, &mut client.task).await.expect("it goes on").unwrap();
}
