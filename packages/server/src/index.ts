export { defaultServerConfig, type ServerConfig } from './config.ts';
export { APACHE_VERSION, fullVersion } from './four-letter-words/index.ts';
