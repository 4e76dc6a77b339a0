/** One interval in which an interface counted losses, from a pcapng interface statistics block. */
export interface DropInterval {
  /** Seconds since 1970; null where the block gives no start. */
  from: number | null;
  to: number | null;
  packets: number;
}

/** Counters that belong together: cumulative since one start of capturing. */
export interface StatisticsRun {
  /** isb_starttime as written, or the section, where there is none. */
  readonly identity: string;
  /** Losses before this run began. */
  readonly droppedBefore: number;
  /** Packets received before this run began. */
  readonly receivedBefore: number;
  /** Latest loss counter of this run. */
  dropped: number;
  /** Time of the latest block of this run, seconds since 1970. */
  until: number | null;
}

/** A capture interface as a source of packets. Equal ones in later sections and joined files share an entry. */
export interface CaptureInterface {
  /** Index in the registry, int. */
  readonly index: number;
  /** if_name, or null. */
  readonly name: string | null;
  /** Number inside the section that described it. */
  readonly number: number;
  /** Stands for all interfaces of its link type beyond those that have an entry of their own. */
  readonly isCollective: boolean;
  /** LINKTYPE_ number (not DLT). */
  readonly linkType: number;
  /** Frame check sequence bytes at the end of every frame whose captured length equals its original length. */
  fcsBytes: number;
  /** Decimals of the time stamps, 0 to 9. */
  precision: number;
  /** Packets read from this interface so far. */
  packets: number;
  /** Losses reported by interface statistics blocks (cumulative counters, latest value; ifdrop + osdrop). */
  droppedByStatistics: number;
  /** Losses reported packet by packet (epb_dropcount, obsolete packet block). */
  droppedByPackets: number;
  /** isb_ifrecv, latest value, or null. */
  received: number | null;
  dropIntervals: DropInterval[];
  /** Where the interface's counters stand, or null before the first statistics block. */
  statistics: StatisticsRun | null;
}

/** Interfaces with an entry of their own, and link types of which the others are counted together. */
const MAX_INTERFACES = 8192;
const MAX_COLLECTIVE = 64;
/** No link type that anything decodes. */
const UNKNOWN_LINK_TYPE = 0xffff;

/**
 * All interfaces of one analysis. An interface is known by its name, or else its number, and by what its frames are like: where one
 * file has frame check sequences and another has none, they are two, for the ends of frames would be cut off or taken for data.
 */
export class InterfaceRegistry {
  readonly list: CaptureInterface[] = [];
  /** Intervals of losses that all interfaces keep. */
  dropIntervals = 0;
  readonly #byKey = new Map<string, CaptureInterface>();

  /** Returns the existing entry of an equal interface, or a new one. */
  register(
    name: string | null,
    number: number,
    linkType: number,
    fcsBytes: number,
    precision: number,
  ): CaptureInterface {
    const key = `${name === null ? `#${number}` : `=${name}`}|${linkType}|${fcsBytes}`;
    const known = this.#byKey.get(key);
    if (known) {
      known.precision = Math.max(known.precision, precision);
      return known;
    }
    if (this.list.length >= MAX_INTERFACES) return this.#collective(linkType, precision);
    return this.#add(key, { name, number, linkType, fcsBytes, precision, isCollective: false });
  }

  /** The entry of all further interfaces of a link type. */
  #collective(linkType: number, precision: number): CaptureInterface {
    const isFull = this.list.length >= MAX_INTERFACES + MAX_COLLECTIVE;
    const key = `*|${isFull ? UNKNOWN_LINK_TYPE : linkType}`;
    const known = this.#byKey.get(key);
    if (known) {
      known.precision = Math.max(known.precision, precision);
      return known;
    }
    return this.#add(key, {
      name: 'other interfaces',
      number: this.list.length,
      linkType: isFull ? UNKNOWN_LINK_TYPE : linkType,
      fcsBytes: 0,
      precision,
      isCollective: true,
    });
  }

  #add(
    key: string,
    described: Pick<
      CaptureInterface,
      'name' | 'number' | 'linkType' | 'fcsBytes' | 'precision' | 'isCollective'
    >,
  ): CaptureInterface {
    const created: CaptureInterface = {
      index: this.list.length,
      ...described,
      packets: 0,
      droppedByStatistics: 0,
      droppedByPackets: 0,
      received: null,
      dropIntervals: [],
      statistics: null,
    };
    this.list.push(created);
    this.#byKey.set(key, created);
    return created;
  }
}
