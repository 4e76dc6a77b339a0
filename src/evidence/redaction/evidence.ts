/** The redaction of an evidence capture: its frames and interfaces. Its words are those of a redacted report. */
import type { InterfaceDescription } from '../../capture/origin.ts';
import type { EvidenceTransform, FrameFacts } from '../evidence.ts';
import { FrameRedactor } from './frame.ts';
import type { Mapping } from './mapping.ts';

/** A clock that is off by more than a double holds makes times unreadable, by whatever number. */
const NO_CLOCK = 1n << 62n;

/** What a reader has to know of an interface, and a name by which it is told from others. */
export function redactInterface(description: InterfaceDescription, mapping: Mapping): InterfaceDescription {
  const { name, offsetSeconds } = description;
  return {
    ...description,
    offsetSeconds: Number.isSafeInteger(Number(offsetSeconds)) ? offsetSeconds : NO_CLOCK,
    name: name === null ? null : mapping.names.mapInterface(name),
    description: null,
    others: [],
  };
}

/** Redacts what evidence is made of; connections are followed in each file by itself. */
export function redactingTransform(mapping: Mapping): EvidenceTransform {
  const redactors: FrameRedactor[] = [];
  const redactorOf = ({ file }: FrameFacts): FrameRedactor =>
    (redactors[file] ??= new FrameRedactor(mapping));
  return {
    frame: (bytes, facts) => redactorOf(facts).redact(bytes, facts),
    passOver: (bytes, facts) => redactorOf(facts).follow(bytes, facts),
    interface: (description) => redactInterface(description, mapping),
  };
}
