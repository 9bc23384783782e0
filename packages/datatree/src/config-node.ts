/** Where clients find the configuration of the ensemble. */
export const CONFIG_NODE = '/zookeeper/config';

/** Its data always has this version: the one that counts stands in the text. */
export const CONFIG_VERSION = -1;
