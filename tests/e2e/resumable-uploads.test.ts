import { testResumableUploads } from './scenarios/resumable-uploads.ts';

testResumableUploads('directory');
