import { ADDRESS_FLOODS } from './addresses.ts';
import { CALL_FLOODS } from './calls.ts';
import { CONNECTION_FLOODS } from './connections.ts';
import { CONTAINER_FLOODS } from './containers.ts';
import type { Flood } from './flood.ts';

export const FLOODS: readonly Flood[] = [
  ...CONTAINER_FLOODS,
  ...ADDRESS_FLOODS,
  ...CONNECTION_FLOODS,
  ...CALL_FLOODS,
];
