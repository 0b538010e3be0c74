// The news of a session. One tab of a browser holds the stream and tells the others: a browser has few connections to a
// site, and the server lets a person have few streams. Whoever hears nothing for two beats no longer believes in it.

// Two beats of 15 s (`sessions/live/stream.py`) and a second.
const SILENCE = 31000;

// By two clocks: one stands still while a computer sleeps, the other can be set.
const moment = () => [performance.now(), Date.now()];

export function stream(address, { news, broken, heard }) {
  let source = null;
  let last = moment();
  let crowded = false;
  const others = "BroadcastChannel" in window ? new BroadcastChannel(address) : null;

  const hear = (frame) => {
    last = moment();
    heard();
    if (frame) news(frame);
  };
  const pass = (frame) => {
    hear(frame);
    others?.postMessage(frame);
  };
  if (others) others.onmessage = (event) => hear(event.data);

  function open() {
    source?.close();
    crowded = false;
    source = new EventSource(address);
    source.onmessage = (event) => pass(JSON.parse(event.data));
    source.addEventListener("beat", () => pass(null));
    // More pages of this person are open elsewhere than there are streams: this one looks by itself until it is used.
    source.addEventListener("crowded", () => {
      crowded = true;
      source.close();
      broken("slow");
    });
    source.onerror = () => {
      if (crowded) return;
      broken("lost");
      // A refused stream is closed for good: signed out, or no longer in the circle. The page itself says which.
      if (source.readyState === EventSource.CLOSED) setTimeout(open, 3000 + Math.random() * 2000);
    };
  }

  // The lock is held as long as the tab lives; with it the next tab takes over.
  let leads = false;
  const lead = () => {
    leads = true;
    open();
    return new Promise(() => {});
  };
  if (navigator.locks) navigator.locks.request(`live ${address}`, lead);
  else lead();

  // Some browsers keep a page that was left, and its connection with it.
  addEventListener("pagehide", () => source?.close());
  return {
    silent: () => Math.max(...moment().map((now, at) => now - last[at])) > SILENCE,
    again() {
      last = moment();
      if (leads) open();
    },
    woken() {
      if (leads && (crowded || !source || source.readyState === EventSource.CLOSED)) open();
    },
  };
}
