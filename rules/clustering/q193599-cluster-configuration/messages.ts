/** Everything the rule can say. */
export const messages = {
  samePriority:
    'Two hosts of cluster {cluster} have the priority {priority}: {first} and {second}. The cluster does not converge.',
  ruleCount:
    'Hosts {firstPriority} and {secondPriority} of cluster {cluster} have a different number of port rules, {firstRules} and {secondRules}. The cluster does not converge.',
  ruleCodes:
    'Hosts {firstPriority} and {secondPriority} of cluster {cluster} have different port rules. The cluster does not converge.',
  samePriorityAlone:
    'Two hosts of cluster {cluster} have the priority {priority}: {first} and {second}. No sign of an endless convergence was seen.',
  ruleCountAlone:
    'Hosts {firstPriority} and {secondPriority} of cluster {cluster} have a different number of port rules, {firstRules} and {secondRules}. No sign of an endless convergence was seen.',
  ruleCodesAlone:
    'Hosts {firstPriority} and {secondPriority} of cluster {cluster} have different port rules. No sign of an endless convergence was seen.',
  why: 'Hosts converge only if all of them announce the same port rules and each has a priority of its own.',
  whatToDo:
    'Compare the port rules and priorities of all hosts of the cluster, and give them the same rules and different priorities.',
  caveatRollOut: 'New rules that are being given to one host after the other look the same while it lasts.',
  caveatStates: 'State values are not documented; they count only as a change against the host itself.',
  found: '{conflicts:count cluster|clusters} of {clusters:count} with a contradiction between hosts.',
  suspected:
    '{conflicts:count cluster|clusters} of {clusters:count} with a possible contradiction between hosts.',
  clear:
    '{members:count host|hosts} in {clusters:count cluster|clusters}, each with a priority of its own and with the same port rules.',
  inconclusive: 'No cluster could be compared: too few heartbeats, or their port rules were cut.',
  notApplicable: 'No heartbeat of a load-balancing cluster was seen.',
} as const;
