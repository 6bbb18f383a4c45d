/** The policies by the name that a jobs file gives them. */
import type { PolicyName } from '../job/spec.ts';
import type { SchedulingPolicy } from './policy.ts';
import { priority } from './priority.ts';
import { roundRobin } from './round-robin.ts';

export const POLICIES: Readonly<Record<PolicyName, SchedulingPolicy>> = {
  'round-robin': roundRobin,
  priority,
};
