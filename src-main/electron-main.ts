/** Electron's entry: hands the real Electron to the host. */
import * as electron from 'electron';
import { developmentPaths, hostElectron } from './electron.ts';

hostElectron(electron, developmentPaths(electron.app.getAppPath()));
