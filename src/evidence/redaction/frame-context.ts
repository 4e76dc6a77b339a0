import type { Draft } from './draft.ts';
import type { PptpStreams } from './pptp-streams.ts';

/** What the redaction of one frame is made with, handed from layer to layer. */
export interface FrameContext {
  readonly draft: Draft;
  readonly streams: PptpStreams;
  /** Datagrams around the current one. */
  readonly depth: number;
  /** Redacts a datagram at `at`; `wireEnd` is where what carries it ends. PPP inside IP and IP inside PPP meet here. */
  readonly redactIpv4: (context: FrameContext, at: number, wireEnd: number) => void;
}
