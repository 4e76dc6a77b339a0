/** The rule contract: data in `meta`, handlers from `create`. */
import type { AddressClaims } from '../trackers/claimed-address.ts';
import type { Cluster } from '../trackers/cluster.ts';
import type { ClusterAdapter } from '../trackers/cluster-adapters.ts';
import type { Lease } from '../trackers/lease.ts';
import type { AddressPhases } from '../trackers/mac-phases-address.ts';
import type { About } from './host-filter.ts';
import type {
  CaptureTime,
  FindingKind,
  FrameCitation,
  MessageData,
  Series,
  Severity,
  Tier,
} from './result.ts';
import type { OptionSpecs, OptionValues } from './options.ts';
import type { ADDRESS_OPTIONS, CAPTURE_OPTIONS } from './shared-options.ts';
import type { Trackers } from './trackers.ts';

/** What a rule may ask to be decoded and tracked; the engine does the union of what the enabled rules need. */
export type Need =
  | 'arp'
  | 'dhcp'
  | 'addressClaims'
  | 'addressClasses'
  | 'leases'
  | 'connections'
  | 'macPhases'
  | 'heartbeats'
  | 'dialIn';

/** Kinds of packets that are counted and not examined. */
export type NotExamined =
  | 'ipv6'
  | 'tunnelled'
  /** Tunnels other than those whose calls are examined where a rule needs `dialIn`. */
  | 'foreignTunnels'
  | 'linkType'
  | 'truncated'
  | 'withoutTime'
  | 'oversized'
  | 'evicted'
  /** Calls, sessions and their like of dial-in. */
  | 'evictedCalls'
  /** Connections, and attempts to connect, that newer ones displaced. */
  | 'evictedConnections'
  | 'evictedSyns'
  /** SYNs of a flood between hosts that nothing is known of. */
  | 'floodedSyns'
  /** SYNs to clusters that newer ones displaced. */
  | 'clusterSyns';

export interface Article {
  /** `Q151387`. */
  readonly id: string;
  readonly title: string;
  /** The fault in our own words: symptom, cause, what the vendor did. */
  readonly symptom: string;
  readonly cause: string;
  readonly resolution: string;
  readonly products: readonly string[];
  readonly related: readonly string[];
}

/** What makes a finding more or less severe than its tier alone would. */
export interface Qualifier {
  readonly severity: Severity;
  /** `with a second holder`: follows the severity. */
  readonly when: string;
}

export interface RuleMeta<Options extends OptionSpecs = OptionSpecs> {
  readonly article: Article;
  /** What a finding of this rule is called in a list. */
  readonly title: string;
  readonly area: string;
  /** Severity per tier after caps; a qualifier named by the rule replaces it. */
  readonly severity: Readonly<Record<Tier, Severity>>;
  readonly qualifiers?: Readonly<Record<string, Qualifier>>;
  readonly needs: readonly Need[];
  readonly options: Options;
  /**
   * Every text the rule can say. Placeholders are `{name}` or `{name:unit}`. The ids `clear`, `found`,
   * `suspected`, `inconclusive` and `notApplicable` are the verdict's reasons.
   */
  readonly messages: Readonly<Record<string, string>> &
    Readonly<Record<'clear' | 'found' | 'suspected' | 'inconclusive' | 'notApplicable', string>>;
  /** What looks like the fault and is not, one sentence each. */
  readonly lookAlikes: readonly string[];
  /** What would prove a finding wrong, one sentence each. */
  readonly refutations: readonly string[];
  /** Which packets that are not examined could have held a subject of this rule. */
  readonly couldHide: readonly NotExamined[];
}

/** One way in which a finding reaches a tier. The engine applies ceilings to each, then takes the highest. */
export interface Candidate {
  readonly tier: Tier;
  /** The span in which something was *not* seen, in seconds of analysis time; null if nothing rests on absence. */
  readonly absence: { readonly from: number; readonly to: number } | null;
  /** True if the statement is about MAC addresses (ceilings of cooked captures apply). */
  readonly restsOnMac: boolean;
  readonly summary: string;
  readonly qualifier?: string;
}

export interface FindingReport {
  readonly kind: FindingKind;
  readonly candidates: readonly Candidate[];
  readonly domain: number;
  /** Identity within article and domain, and its display: `10.0.0.5 on 00:11:22:33:44:55`. */
  readonly subject: string;
  /** Where two findings of one subject are of different nature (notices). */
  readonly subkey?: string;
  readonly hosts: readonly string[];
  readonly macs: readonly string[];
  readonly frames: readonly FrameCitation[];
  readonly count: number;
  readonly why: string;
  readonly whatToDo: string;
  readonly caveats: readonly string[];
  /** Those of the rule's refutations that go with it; all where left out. */
  readonly refutations?: readonly string[];
  readonly data: MessageData;
  readonly facts: MessageData;
  /** What its picture shows, in the time of the trackers; thinned where it is too much. */
  readonly series: readonly Series[];
  /** Articles whose finding on the same host and domain this one is counted in. */
  readonly countsIn?: readonly string[];
}

export interface RuleContext<Options extends OptionSpecs = OptionSpecs> {
  readonly options: OptionValues<Options>;
  /** The shared thresholds on what a capture can prove. */
  readonly capture: OptionValues<typeof CAPTURE_OPTIONS>;
  /** The shared thresholds on what an address is. */
  readonly address: OptionValues<typeof ADDRESS_OPTIONS>;
  readonly trackers: Trackers;
  /** The time of a cited frame as trackers count it. Only in `end`, as findings are. */
  secondsOf(time: CaptureTime): number;
  /** Reports a finding; repeats of one key merge. Answers the tier it reached after ceilings, or null where none held. */
  report(finding: FindingReport): Tier | null;
  /** Counts a subject that was judged; `about` says whose it is, so that a report on one host can leave it out. */
  judged(about?: About): void;
  /** Counts a subject that could not be judged. */
  undecided(reason: string, about?: About): void;
  /** Adds to what the verdict's message may show. */
  tell(data: MessageData): void;
}

/** Handlers by event. An absent one costs nothing. */
export interface RuleHandlers {
  /** A lease ended, or can never be judged further; called once per lease. */
  leaseClosed?(lease: Lease): void;
  /** An address that was claimed by ARP; called once per address and clock epoch, before `end`. */
  addressClosed?(claims: AddressClaims): void;
  /** A load-balancing cluster can be judged no further; called once per cluster and clock epoch, before `end`. */
  clusterClosed?(cluster: Cluster): void;
  /** A station under a cluster's MAC address that never beat; `cluster` is the one it belongs to, if that beats. */
  clusterAdapterClosed?(adapter: ClusterAdapter, cluster: Cluster | null): void;
  /** An address with a MAC address in ARP; called once per address and clock epoch, before `end`. */
  macPhasesClosed?(phases: AddressPhases): void;
  /** The end of the capture, after every tracker was closed. */
  end?(): void;
}

export interface Rule<Options extends OptionSpecs = OptionSpecs> {
  readonly meta: RuleMeta<Options>;
  create(context: RuleContext<Options>): RuleHandlers;
}

/** Gives a rule its types; the identity at run time. */
export function defineRule<Options extends OptionSpecs>(rule: Rule<Options>): Rule<Options> {
  return rule;
}
