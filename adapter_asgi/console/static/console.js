"use strict";
// Every page works without this file.
