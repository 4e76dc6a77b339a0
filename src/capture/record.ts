/**
 * One record of a capture, as it stands in its reader's window. There is one of these per reader; the
 * next call to `next` overwrites it, and `view` is valid only until then.
 */
export class CaptureRecord {
  /** The window's bytes. */
  view: DataView = new DataView(new ArrayBuffer(0));
  /** Where the packet's first byte stands in `view`. */
  offset = 0;
  /** Bytes present, int32. */
  capturedLength = 0;
  /** Bytes on the wire as the capture claims, clamped to int32. */
  originalLength = 0;
  /** 1-based in its file, as in Wireshark. */
  number = 0;
  /** Position of the file among those given, 0-based. */
  file = 0;
  /** Index into the `InterfaceRegistry`. */
  interface = 0;
  /** Whole seconds since 1970; a double, and negative before 1970. */
  seconds = 0.5;
  /** 0 to 999,999,999. */
  nanos = 0;
  /** False for records without a time (pcapng simple packet blocks); `seconds` is then meaningless. */
  hasTime = true;
  /** Byte offset of the packet's first byte in the decompressed stream. */
  fileOffset = 0.5;
  /** Packets the capture says it lost right before this one, on this interface. */
  dropsBefore = 0;

  constructor() {
    // Fields that hold doubles start as doubles, so that the engine's optimised code never changes their representation.
    this.seconds = 0;
    this.fileOffset = 0;
  }
}
