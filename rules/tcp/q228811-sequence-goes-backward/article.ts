import type { Article } from '../../../src/engine/rule.ts';

/** Facts of the article in our own words. */
export const article: Article = {
  id: 'Q228811',
  title: 'Connections hang because an initial sequence number lies below an earlier one',
  symptom:
    'Programs that open a connection wait and fail. In a trace the numbers of a new connection lie below those of the one before it.',
  cause:
    'Service Pack 4 made the steps between initial sequence numbers random, and a number can come out below the last one. A peer that still holds the old connection in TIME-WAIT takes the new SYN for an old duplicate.',
  resolution: 'Service Pack 5 corrects the calculation.',
  products: ['Windows NT 4.0 Service Pack 4'],
  related: ['Q192292', 'Q243835', 'Q149532', 'Q151418', 'Q194429', 'Q200770', 'Q140552', 'Q307991'],
};
