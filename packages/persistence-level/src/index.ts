export { levelStorage, type LevelStorageOptions } from './level-storage.ts';
