/** The packets of a real capture, as the engine sees them. */
import { END, FEED } from '../../src/capture/capture.ts';
import { type CaptureInterface, InterfaceRegistry } from '../../src/capture/interfaces.ts';
import { openCapture } from '../../src/capture/open.ts';
import { Packet } from '../../src/wire/packet.ts';

/** Calls `visit` for every packet, ready to be decoded; it is one object, filled anew. */
export async function forEachPacket(file: string, visit: (packet: Packet) => void): Promise<void> {
  const interfaces = new InterfaceRegistry();
  const capture = await openCapture(file, { file: 0, interfaces });
  const packet = new Packet();
  try {
    for (let status = capture.next(packet); status !== END; status = capture.next(packet)) {
      if (status === FEED) {
        await capture.feed();
        continue;
      }
      prepare(packet, interfaces.list[packet.interface] as CaptureInterface);
      visit(packet);
    }
  } finally {
    capture.close();
  }
}

/** The bounds of a packet, without the frame check sequence where there is one. */
function prepare(packet: Packet, source: CaptureInterface): void {
  const { offset, capturedLength, originalLength } = packet;
  const fcsBytes = capturedLength === originalLength ? source.fcsBytes : 0;
  packet.linkType = source.linkType;
  packet.end = offset + Math.max(0, capturedLength - fcsBytes);
  packet.wireEnd = offset + Math.max(0, originalLength - fcsBytes);
}
