/** One paragraph for each screen: what it is for and what it teaches. */
export const screenHelp: Readonly<Record<string, string>> = {
  recordings:
    'What you have and what is wrong with it. Files are read where they lie and never changed. Every oddity says where it is, what follows from it and what to do. Press Enter to read a recording, G for the next one with a finding.',
  channels:
    'One naming for all files. Labels that can be read in only one way are settled by themselves, with the reason beside them; the others are asked once and the answer holds for every file with that label. A site that a recording lacks is masked, not filled with zeros.',
  viewer:
    'Read EEG as in the clinic: montages, filters, sensitivity in µV per mm, marks by hand. The raw recording is never changed; filters are for display only.',
  distil:
    'Keep the few per cent of all segments that say most. The oddest are rejected first and can be looked through; the rest is put in an order in which every next one is the least like those before it. Beside it stands what chance would keep.',
  pretrain:
    'Learn from what was kept, without labels. Some subjects are held out to see whether it learned something general. If it is no better than an untrained network, the headline says so.',
  calibrate:
    'Fit a pre-trained model to labels of your subjects and test it on whole clips it never saw. A leak check runs before every start.',
  models: 'The family of models: which came from which, on what data, with what result beside chance.',
  export: 'Hand over copies that were read back and searched for names. What cannot be promised is said.',
  runs: 'Every job with its inputs by hash, settings, seed and result. Tick two or more to lay their curves over one another.',
  history: 'What was done, in order, and where each result comes from.',
  settings:
    'Theme, density, the size of the screen, the engine, and the proof that nothing left this computer.',
};
