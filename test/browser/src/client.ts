export { connect } from '@corral/client/browser';
