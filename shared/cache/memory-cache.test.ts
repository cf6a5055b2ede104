import test from 'ava';
import { testCacheContract } from '../testing/cache-contract.ts';
import { createMemoryCache } from './memory-cache.ts';

testCacheContract(test, 'memory', async () => createMemoryCache());
