/** Everything the rule can say. */
export const messages = {
  oldAck:
    '{opener} could not connect to {server}: its number {isn} lies {back:count} below what {server} expects next on this tuple, and {server} answers for the old connection.',
  silent:
    '{opener} could not connect to {server}: its number {isn} lies {back:count} below those of the connection that closed {sinceClose:duration} before, and {server}, which accepts others, does not answer.',
  silentUnproven:
    '{opener} could not connect to {server}: its number {isn} lies {back:count} below those of the connection that closed {sinceClose:duration} before, and there is no answer.',
  refused:
    '{opener} could not connect to {server}: its number {isn} lies {back:count} below those of the connection that closed {sinceClose:duration} before, and {server}, which accepts others, resets the attempt.',
  stillHeld:
    '{opener} could not connect to {server}: {rounds:count round|rounds} of SYN, old acknowledgment and reset show that {server} still holds the old connection, which the number {isn} lies {back:count} below.',
  delayed:
    '{opener} connected to {server} late: its number {isn} lies {back:count} below what {server} expected, which first answered for the old connection.',
  notProven:
    '{opener} tried to connect to {server} with a number {isn} that lies {back:count} below what {server} expects next on this tuple, and {server} answered for the old connection. That the attempt hung is not proven.',
  answeredUnseen:
    '{opener} could not connect to {server}: it resets answers that were not captured, with the number that {server} expects next after the old connection. Its own number {isn} lies {back:count} below.',
  earlier:
    '{opener} could not connect to {server}: the answers are those of a connection before the capture, whose numbers lie {back:count} above.',
  doubtful:
    '{opener} could not connect to {server} with a number {back:count} below the old ones, but is not sure to be the host of the old connection, or of the kind that has this fault.',
  series:
    'The initial sequence numbers of {address} go backward in {backward:count} of {steps:count} steps, by at most {most:count}: each can meet a connection in TIME-WAIT.',
  seriesWeak:
    'The initial sequence numbers of {address} go backward in {backward:count} of {steps:count} steps, by at most {most:count}.',
  why: 'A peer in TIME-WAIT accepts a new connection on the same tuple only above the sequence numbers of the old one (RFC 1122 4.2.2.13). A number below them is taken for an old duplicate, and the attempt hangs.',
  whatToDo:
    'Update the host whose numbers go backward (Service Pack 5 or later for NT 4.0). Until then, do not reuse a local port within four minutes.',
  caveatLost: 'A handshake that was not captured would refute that the attempt failed.',
  caveatTimeWait: 'Whether the peer holds TIME-WAIT follows from who closed first, not from its tables.',
  caveatNat: 'Several hosts behind one address could look alike if they agree in every header field.',
  found:
    '{faulty:count host|hosts} of {hosts:count} with numbers that go backward; {reuses:count reuse|reuses} of a tuple accepted (not all are counted where numbers are random).',
  suspected:
    '{faulty:count host|hosts} of {hosts:count} may have numbers that go backward; {reuses:count reuse|reuses} of a tuple accepted (not all are counted where numbers are random).',
  clear:
    '{hosts:count host|hosts} opened or accepted connections, none with numbers that go backward; {reuses:count reuse|reuses} of a tuple accepted (not all are counted where numbers are random). Generators: {classes}.',
  inconclusive: 'No host opened enough connections to tell how it chooses its numbers.',
  notApplicable: 'No TCP connection was opened.',
} as const;
