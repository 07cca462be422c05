/** The contract, ready to be filled in: every service takes its part from here. */
import { implement } from '@orpc/server';
import { contract } from '#shared/contract.ts';

export const os = implement(contract);
