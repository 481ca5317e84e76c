import { setupServer } from 'msw/node';
import { handlers } from './handlers';

/** The API of component tests. A test that needs another answer calls `server.use(mock('getSubmission', …))`. */
export const server = setupServer(...handlers);
