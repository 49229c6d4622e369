/// The text of the demo: a story written for it.
let demoText = """
  The keeper of the northern light had a ladder, a lamp and a good pair of boots
  He had no clock because the sea told him the time and the birds told him the year
  In the spring the swifts came and in the autumn the swifts went
  Between the one day and the other they never touched the ground
  He liked to watch them from the gallery with a cup of tea in his hand
  They ate in the air and slept in the air and quarrelled in the air
  What a life said the keeper who had two hundred and twelve steps to climb
  One evening a bird came that was not like the others
  It was small and black and it had no feet at all
  It flew around the lamp three times and then it spoke
  Good evening said the bird and is this the light that the ships talk about
  The ships talk about many things said the keeper but this is a light and I am its keeper
  I am a martlet said the bird and I have never landed in my life
  Never asked the keeper not even for a minute to rest your wings
  Never said the martlet for there is always one more thing to count
  The keeper put down his cup because this was a new thing to hear
  And what is it that you count he asked for he was a polite man
  I count what passes said the martlet the waves and the sails and the words of the sailors
  I count for one second and I say the sum and then I begin again
  And if you stop said the keeper what happens to the count
  Then the count is lost said the bird and so I do not stop
  The keeper thought about this for as long as the lamp took to turn
  It seems to me he said that you could write the count down
  I have no hand to write with and no feet to stand on while I do it
  But I have a pencil said the keeper and I have a very large book
  So every evening the martlet came and every evening the keeper wrote
  He wrote the waves in one column and the sails in another column
  He wrote the words of the sailors on a page of their own
  The word that came most often was the and the second was and
  After these came sea and wind and home and love and rope
  It is a pity said the keeper that the best words are not the most common ones
  It is no pity said the martlet for the rare words are the ones that I remember
  When the wind was strong the sailors used more words and shorter ones
  When the wind was weak they used fewer words and some of them were long
  The keeper drew a line for the wind and a line for the words
  The two lines went up together and they came down together
  That is a beautiful thing said the keeper and he drew it again in red
  Some evenings the fog came in and there was nothing to count
  Then the martlet said zero and the keeper wrote zero
  Why do we write it down when there is nothing asked the keeper
  Because nothing is also an answer said the martlet and a late zero is worse than an early one
  The keeper was pleased with this and he wrote it inside the cover of the book
  In the summer the harbour was full and the bird was tired
  There came a hundred ships a day and then two hundred ships a day
  Each ship had forty sailors and each sailor had a great deal to say
  I cannot hear them all at the same time said the martlet
  Then we must ask for help said the keeper for there is no shame in that
  They asked the tern and they asked the petrel and they asked the old grey gull
  The tern took the words that began with the letters from a to h
  The petrel took the words that began with the letters from i to r
  The old grey gull took all the others and he grumbled about it
  Each bird counted its own words and no bird counted the words of another
  In the evening they brought the sums to the lamp and the keeper put them together
  It was the same count as before but it was ready before the tea was cold
  That is how it should be said the martlet many wings and one book
  But the gull was slow because he had the letter t
  So many words begin with t said the gull the and that and there and then and to
  It is not fair that I have the long list and the tern has the short one
  The keeper looked at the page and he saw that the gull was right
  Let us not go by the first letter said the martlet let us go by the whole word
  We shall mix the letters of each word until nobody can guess where it will go
  But the same word must always go to the same bird said the keeper
  Always said the martlet or else we should count it in two places
  From that day on each bird had a fair share and the gull was happy
  He was so happy that he sang and the others asked him to stop
  One night there was a storm and it was the worst storm of the year
  The waves came over the rocks and the wind took the door of the shed
  The tern was blown far out to sea with her words still in her head
  In the morning she came back wet and sorry and sad
  I have lost them all she said I have lost every word from midnight on
  The keeper gave her a warm place behind the chimney and a small fish
  Do not cry he said but tell me what did you have before midnight
  Before midnight I had all of them for you wrote it down at midnight
  Then we have lost one night and not one year said the keeper
  And could the sailors say their words again asked the petrel
  The sailors are asleep said the martlet and sailors do not repeat themselves
  But the letters that came by mail are in the chest and letters can be read twice
  So they opened the chest and they read the letters of the night again
  They counted the words of the letters and they wrote them in the book
  What was only spoken was gone and what was written had come back
  The keeper made a rule of this and he wrote it under the other one
  Know which of your words were spoken and which of them were written
  The rule was long but it was true and so it stayed
  Later in the year a clever young man came from the city with a machine
  The machine had a brass wheel and a chimney and it made a terrible noise
  It must be warm before it counts said the young man and he lit the fire
  They waited for an hour and the machine was almost warm
  In that hour the martlet had counted the waves of three thousand seconds
  When the machine was warm it counted well and nobody said that it did not
  It needs a house of its own said the young man and two men to feed it
  I have one room and one lamp said the keeper and a friend who needs no house
  The young man laughed and stayed for supper and he was good company
  He wrote a long letter about the birds and he sent it to the city
  People came to see the light and the book and the bird with no feet
  Some of them asked why the bird did not simply sit down and rest
  Where should I sit said the martlet and who would count in the meantime
  Some of them asked what the counting was for and that was a better question
  For the captain it is the number of ships that are in the bay
  For the merchant it is the number of barrels that are on the ships
  For the doctor it is the number of sailors who say the word pain
  For the poet it is the number of times that anybody says the word moon
  The birds count everything said the keeper and each of you may ask for what you need
  The captain came every evening for a week and asked how many ships
  How many this hour he asked and how many in the last three hours
  The keeper added three lines of the book and told him the sum
  The next hour he came again and the keeper added three lines again
  You could keep the old sum said the martlet and add the new hour to it
  And take away the hour that is now too old said the petrel who was wise
  The keeper did it so and it was less work and the same answer
  But if I make one mistake he said then every sum after it is wrong
  That is the price said the martlet so make a fresh sum now and then
  The merchant wanted only the ten largest numbers and nothing else
  The doctor wanted to be woken when the number of pains was more than five
  The poet wanted to know nothing of numbers but he liked to sit on the gallery
  He said that the lamp was a slow star and that the stars were quick lamps
  The martlet counted his words too and moon was not among them that night
  In the autumn the swifts went south and the sky was quiet
  Will you go with them asked the keeper and he was afraid of the answer
  The swifts go where the flies are said the martlet and I go where the words are
  Then stay said the keeper for the winter has words of its own
  Ice has a word and frost has a word and the long night has many words
  The winter was hard and the harbour was empty for weeks and weeks
  The keeper climbed his steps and lit his lamp and wrote his zeros
  He wrote them with care for he knew by now what a zero is worth
  On the darkest day of the year a small boat came out of the north
  In it was a woman with a lantern and a dog and a broken oar
  I saw your light she said and I thought that somebody must be awake
  Somebody is always awake said the keeper but it is not always me
  She asked for soup and she asked for a new oar and then she asked for the book
  She read it from the first page to the last page and the dog fell asleep
  You have counted the words of every ship in this bay she said
  In the third column on the ninth page there is the name of my brother
  It is there once said the keeper for a rare word is easy to find
  Then his ship was here and then he was alive in the month of June
  The woman smiled and there were tears in her eyes and she thanked the bird
  I only counted said the martlet it was the keeper who wrote it down
  I only wrote said the keeper it was the sailor who said his name
  In the spring the woman went on to the south and the dog went with her
  She left the lantern on the gallery so that the martlet could see the page
  In the spring the swifts came back and there were more of them than before
  The young ones had never seen a lamp and they screamed with joy around it
  They asked the martlet whether it was true that it had never landed
  It is true said the martlet but I have stood still in one place for a year
  That is harder said the oldest of the swifts and the young ones were quiet
  The keeper was old now and the steps were more than they had been
  He counted them one evening and there were still two hundred and twelve
  It is strange he said that the number is the same and the climb is not
  You should measure the time and not the steps said the martlet
  So they measured the time and they wrote it in a column of its own
  The column grew a little every month and the keeper did not mind it
  What can be seen can be planned for he said and he moved his bed to the top
  A girl from the village came to learn the lamp and the book
  She was quick and honest and she asked why about everything
  Why do we count in seconds she asked and not in hours or in days
  Because an answer that comes in time is worth ten that come too late
  Why do we not count faster then she asked in halves or in tenths
  You may said the martlet if somebody wants to know it as soon as that
  Why do we write the book in ink she asked when a slate is so easy to clean
  Because a slate forgets said the keeper and the rain has come in before
  Why do we keep two books she asked one in the tower and one in the village
  Because the tower could burn said the keeper and the village could flood
  But not on the same day said the girl and she laughed and she understood
  She made a new rule and she wrote it under the two others
  A thing that is kept in one place is a thing that you have not lost yet
  The keeper was proud of the girl and he gave her his second pencil
  One night she was alone with the lamp and a captain called from the dark
  He called out the same words twice because he thought that nobody had heard
  The girl wrote them once and the petrel asked her why
  He gave the number of his message she said and I have that number here
  A message with a number can come twice and do no harm at all
  The martlet heard this and flew a loop that it had never flown before
  The old keeper heard it in his bed and he was content and he slept
  The years went by and the book became a shelf and the shelf became a wall
  Scholars came to read the wall and they were grateful for the zeros
  They found the year of the great storm and the year of the three whales
  They found the week in which all the ships said the word peace
  They found a word that was said one time only and they never learned what it meant
  The girl was the keeper now and she had a girl of her own to teach
  And is it the same bird asked the child and she pointed at the sky
  It is the same count said the keeper and that is what matters to the ships
  But I believe that it is the same bird too for it still says good evening
  Good evening said the martlet and it flew around the lamp three times
  One two three said the child and she opened the book and began to write
  Out on the water somebody was saying the word home
  It was counted
  """
