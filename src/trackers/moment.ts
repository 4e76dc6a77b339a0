/**
 * A moment: seconds since the first packet of the analysis. A packet is one, and is handed on whole: its time alone, a double as an
 * argument, would be allocated for every packet.
 */
export interface Moment {
  readonly time: number;
}
